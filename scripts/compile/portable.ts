// The portable binary: head.sh, followed by a compressed archive of a Deno program
// and the bundle. The same inputs give the same bytes.
import { gzipSync } from "node:zlib";
import { packTar, type TarFile } from "./tar.ts";
import { type Bundle, ENTRY, PERMISSIONS, V8_FLAGS } from "./bundle.ts";
import head from "./head.sh" with { type: "text" };

/** Where the archive starts; head.sh has the same number. */
const HEAD_BYTES = 16384;

// head.sh sets variables so that Deno keeps its cache where nobody else can write and
// checks for no update; programs that ftl starts must not inherit them, except its own
// processes (src/cli/process/own_program.ts).
const PREAMBLE = `globalThis.ftlDenoDir = Deno.env.get("DENO_DIR");
Deno.env.delete("DENO_DIR");
Deno.env.delete("DENO_NO_UPDATE_CHECK");
`;

/** What a portable binary is made of. */
export interface PortableParts {
  /** A Deno program for the machine that the binary is for. */
  readonly deno: Uint8Array<ArrayBuffer>;
  readonly bundle: Bundle;
}

/** What a portable binary unpacks, and the script that runs it. */
export interface Runtime {
  /** The name of its folder. */
  readonly name: string;
  /** Files by path. */
  readonly files: ReadonlyMap<string, TarFile>;
  readonly head: Uint8Array<ArrayBuffer>;
}

/**
 * Makes a runtime.
 *
 * @param installed The folder where a package installs it; empty: the script
 *   unpacks it from the archive at its end.
 */
export async function makeRuntime(
  { deno, bundle }: PortableParts,
  installed = "",
): Promise<Runtime> {
  const files = new Map<string, TarFile>([
    ["deno", { content: deno, executable: true }],
  ]);
  for (const [name, content] of bundle.files) {
    files.set(`app/${name}`, {
      content: name === ENTRY ? join(encode(PREAMBLE), content) : content,
    });
  }
  const sums = await listSums(files);
  files.set("sums", { content: sums });
  const name = `ftl-runtime-${(await sha256(sums)).slice(0, 32)}`;
  const script = fill(head, {
    NAME: name,
    INSTALLED: installed,
    SIZE: String(deno.length),
    FILES: String(bundle.files.size),
    MACHINE: machineOf(deno),
    OPTIONS: [...PERMISSIONS, `--v8-flags=${V8_FLAGS.join(",")}`].join(" "),
  });
  return { name, files, head: encode(script) };
}

/** Makes a portable binary. */
export async function packPortable(
  parts: PortableParts,
): Promise<Uint8Array<ArrayBuffer>> {
  const { head, files } = await makeRuntime(parts);
  if (head.length > HEAD_BYTES) {
    throw new RangeError(`Cannot make the head: ${head.length} bytes`);
  }
  const padding = new Uint8Array(HEAD_BYTES - head.length).fill(0x0a);
  return join(head, padding, compress(packTar(files)));
}

/** The checksums in the format of `sha256sum`. */
async function listSums(
  files: ReadonlyMap<string, TarFile>,
): Promise<Uint8Array<ArrayBuffer>> {
  const lines: string[] = [];
  for (const [path, { content }] of files) {
    lines.push(`${await sha256(content)}  ${path}\n`);
  }
  return encode(lines.sort().join(""));
}

/** What `uname -sm` prints where a program runs; "" when its header is unknown. */
function machineOf(program: Uint8Array<ArrayBuffer>): string {
  if (program.length < 20) return "";
  const view = new DataView(program.buffer, program.byteOffset);
  const key = view.getUint32(0) === 0x7f454c46
    ? `elf ${view.getUint16(18, true)}`
    : `${view.getUint32(0).toString(16)} ${view.getUint32(4, true)}`;
  return MACHINES[key] ?? "";
}

/** By e_machine of ELF, and by magic and cputype of Mach-O. */
const MACHINES: Readonly<Record<string, string>> = {
  "elf 62": "Linux x86_64",
  "elf 183": "Linux aarch64",
  "cffaedfe 16777223": "Darwin x86_64",
  "cffaedfe 16777228": "Darwin arm64",
};

function fill(text: string, values: Record<string, string>): string {
  return text.replace(/@([A-Z]+)@/g, (_, name) => values[name]!);
}

function compress(bytes: Uint8Array): Uint8Array {
  const zipped = gzipSync(bytes, { level: 6 });
  zipped[9] = 3; // "made on Unix", wherever it is made (RFC 1952)
  return zipped;
}

/** The SHA-256 of bytes, in lowercase hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as BufferSource);
  return new Uint8Array(digest).toHex();
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
