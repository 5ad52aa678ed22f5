// The files of a package, below a folder that stands for the root. Their content,
// times and modes depend on the binary alone, so that two builds are the same.
import { join } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { HEAD_BYTES } from "../compile/portable.ts";
import { runProgram } from "./run_program.ts";

/** The time of all files: 1980, as in the archives inside of ftl. */
export const EPOCH_S = 315_532_800;

/** The files, which are removed when it is disposed. */
export interface Stage extends AsyncDisposable {
  readonly folder: string;
  readonly version: string;
  /** As `uname -m` prints it. */
  readonly machine: string;
}

/** How to make the files. */
export interface StageOptions {
  /** The checkout. */
  readonly root: string;
  /** A portable binary for this machine. */
  readonly binary: string;
  /** Default: that of deno.json. */
  readonly version?: string | undefined;
}

/**
 * Lays out the files of a package.
 *
 * @throws {Error} when the binary is not a portable one for this machine.
 */
export async function stagePackage(
  { root, binary, version = config.version }: StageOptions,
): Promise<Stage> {
  const head = await headOf(binary);
  const folder = await Deno.makeTempDir({ prefix: "ftl-package-" });
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => Deno.remove(folder, { recursive: true }));
  await runProgram("sh", [
    ...[join(root, "scripts/install.sh"), "--prefix", "/usr"],
    ...["--binary", binary, "--unchecked"],
  ], { DESTDIR: folder });
  // The package manager knows which files it has installed.
  await Deno.remove(join(folder, "usr/share/ftl"), { recursive: true });
  const lib = join(folder, "usr/lib/ftl");
  await Deno.mkdir(lib, { recursive: true });
  const program = join(folder, "usr/bin/ftl");
  await runProgram(program, ["--version"], { FTL_RUNTIME_DIR: lib });
  const runtime = await runtimeIn(lib);
  for (const path of ["cache", "used"]) {
    await Deno.remove(join(runtime, path), { recursive: true }).catch(() => {});
  }
  // What follows the head is the same runtime, packed.
  await Deno.writeFile(program, head);
  const doc = join(folder, "usr/share/doc/ftl");
  await Deno.mkdir(doc, { recursive: true });
  await Deno.copyFile(join(runtime, "licenses.txt"), join(doc, "copyright"));
  await settle(folder, new Set([program, join(runtime, "deno")]));
  const machine = (await runProgram("uname", ["-m"])).trim();
  const all = cleanup.move();
  return {
    folder,
    version,
    machine,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** The script at the start of a portable binary, which unpacks and runs it. */
async function headOf(binary: string): Promise<Uint8Array<ArrayBuffer>> {
  using file = await Deno.open(binary);
  const head = new Uint8Array(HEAD_BYTES);
  const read = await file.read(head);
  const text = new TextDecoder().decode(head);
  if (read === HEAD_BYTES && text.startsWith("#!/bin/sh\n# ftl as one file")) {
    return head;
  }
  throw new Error(`Cannot package ${binary}: it is not a portable binary`);
}

async function runtimeIn(lib: string): Promise<string> {
  for await (const { name } of Deno.readDir(lib)) {
    if (name.startsWith("ftl-runtime-")) return join(lib, name);
  }
  throw new Error("Cannot package ftl: its runtime was not unpacked");
}

/** Sets the modes and times of all files. */
async function settle(
  path: string,
  programs: ReadonlySet<string>,
): Promise<void> {
  const { isDirectory } = await Deno.lstat(path);
  if (isDirectory) {
    for await (const { name } of Deno.readDir(path)) {
      await settle(join(path, name), programs);
    }
  }
  await Deno.chmod(path, isDirectory || programs.has(path) ? 0o755 : 0o644);
  await Deno.utime(path, EPOCH_S, EPOCH_S);
}
