// The binary in dist/, built again when a source is newer than it. Tests of
// several files may need it at once: one builds it, the others wait.
import { fromFileUrl, join } from "@std/path";
import { type Need, need } from "./need.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));
const DIST = join(ROOT, "dist");
const SOURCES = [
  "deno.json",
  "deno.lock",
  "main.ts",
  "release_signers",
  "scripts/compile",
  "scripts/compile.ts",
  "src",
  "std",
];

/** States that a test needs the binary, and makes it if need be. */
export async function needBinary(): Promise<Need> {
  const path = join(DIST, "ftl");
  const failure = await makeIfOutdated(path);
  return need(
    failure === undefined ? "binary" : `binary: ${failure}`,
    failure === undefined ? path : undefined,
  );
}

/** Whether a binary is the portable form, which unpacks itself. */
export async function isPortable(path: string): Promise<boolean> {
  using file = await Deno.open(path);
  const start = new Uint8Array(2);
  await file.read(start);
  return new TextDecoder().decode(start) === "#!";
}

/** Where binaries under test unpack themselves, once for all tests. */
export const RUNTIME_DIR = join(DIST, "runtime");

/** Makes the binary; resolves to the reason why that cannot be done. */
async function makeIfOutdated(path: string): Promise<string | undefined> {
  await Deno.mkdir(DIST, { recursive: true });
  using lock = await Deno.open(join(DIST, ".lock"), {
    create: true,
    write: true,
  });
  await lock.lock(true);
  const made = await timeOf(path);
  if (made > await youngest(SOURCES.map((name) => join(ROOT, name)))) return;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "compile"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  if (success) return undefined;
  const lines = new TextDecoder().decode(stderr).split("\n");
  return lines.find((line) => line.includes("rror: ")) ?? "it cannot be made";
}

async function youngest(paths: readonly string[]): Promise<number> {
  const times = await Promise.all(paths.map(async (path) => {
    if (!(await Deno.stat(path)).isDirectory) return await timeOf(path);
    const entries = await Array.fromAsync(Deno.readDir(path));
    const inside = await youngest(entries.map(({ name }) => join(path, name)));
    return Math.max(inside, await timeOf(path)); // one may have been removed
  }));
  return Math.max(0, ...times);
}

async function timeOf(path: string): Promise<number> {
  const info = await Deno.stat(path).catch(() => undefined);
  return info?.mtime?.getTime() ?? 0;
}
