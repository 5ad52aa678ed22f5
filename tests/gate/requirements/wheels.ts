// Makes wheels for one test.
import { join } from "@std/path";
import { Reader } from "../../../src/gate/sources/build_inputs.ts";
import { packZip } from "../../../src/gate/format/zipapp.ts";

/** A wheel to be made. */
export interface WheelSpec {
  /** `requests-2.31.0`. */
  readonly name: string;
  /** Python, ABI and platform. Default: `py3-none-any`. */
  readonly tag?: string;
  /** Lines of Requires-Dist. */
  readonly requires?: readonly string[];
  readonly python?: string;
  /** Path to text; a file named after the package is always added. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files that are added without a line in RECORD. */
  readonly smuggled?: Readonly<Record<string, string>>;
  /** Changes the bytes of the finished entries. */
  readonly damage?: (entries: Map<string, Uint8Array>) => void;
}

const encode = (text: string) => new TextEncoder().encode(text);

/** Writes wheels into a folder; returns their paths. */
export async function writeWheels(
  folder: string,
  specs: readonly WheelSpec[],
): Promise<string[]> {
  await Deno.mkdir(folder, { recursive: true });
  return await Promise.all(specs.map(async (spec) => {
    const path = join(folder, `${spec.name}-${spec.tag ?? "py3-none-any"}.whl`);
    await Deno.writeFile(path, await makeWheel(spec));
    return path;
  }));
}

async function makeWheel(spec: WheelSpec): Promise<Uint8Array> {
  const [name, version] = spec.name.split("-") as [string, string];
  const info = `${name}-${version}.dist-info`;
  const extras = (spec.requires ?? [])
    .flatMap((line) => /extra == "(.*)"/.exec(line)?.[1] ?? []);
  const metadata = [
    "Metadata-Version: 2.1",
    `Name: ${name}`,
    `Version: ${version}`,
    ...spec.python ? [`Requires-Python: ${spec.python}`] : [],
    ...extras.map((name) => `Provides-Extra: ${name}`),
    ...(spec.requires ?? []).map((line) => `Requires-Dist: ${line}`),
    "",
    "A package.",
    "",
  ];
  const entries = new Map<string, Uint8Array>(
    Object.entries({
      [`${name}.py`]: `version = ${JSON.stringify(version)}\n`,
      ...spec.files,
      [`${info}/METADATA`]: metadata.join("\n"),
      [`${info}/WHEEL`]:
        `Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: ${
          spec.tag ?? "py3-none-any"
        }\n`,
    }).map(([path, text]) => [path, encode(text)]),
  );
  const record: string[] = [];
  for (const [path, content] of entries) {
    const digest = await crypto.subtle.digest(
      "SHA-256",
      content as BufferSource,
    );
    const sum = new Uint8Array(digest)
      .toBase64({ alphabet: "base64url", omitPadding: true });
    record.push(`${path},sha256=${sum},${content.length}`);
  }
  record.push(`${info}/RECORD,,`, "");
  entries.set(`${info}/RECORD`, encode(record.join("\n")));
  for (const [path, text] of Object.entries(spec.smuggled ?? {})) {
    entries.set(path, encode(text));
  }
  spec.damage?.(entries);
  return packZip(entries);
}

/** A test's folder with a wheelhouse and requirements files. */
export interface Bench extends AsyncDisposable {
  readonly folder: string;
  readonly wheelhouse: string;
  /** A new one on each use: a reader reads every file once. */
  readonly reader: Reader;
  /** Writes a file; returns its path. */
  write(name: string, text: string): Promise<string>;
}

/** Makes the folder. */
export async function makeBench(
  specs: readonly WheelSpec[] = [],
): Promise<Bench> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  const wheelhouse = join(folder, "wheels");
  await writeWheels(wheelhouse, specs);
  return {
    folder,
    wheelhouse,
    get reader() {
      return new Reader();
    },
    write: async (name, text) => {
      const path = join(folder, name);
      await Deno.writeTextFile(path, text);
      return path;
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
