// The native binary: `deno compile` of the bundle. Its base program, denort, is not
// part of Deno: it is at DENORT_BIN, in Deno's cache, or on Deno's own site.
import { join } from "@std/path";
import { type Bundle, ENTRY, PERMISSIONS, V8_FLAGS } from "./bundle.ts";
import { run, type Target, thisMachine } from "./targets.ts";

const PROBE_MS = 3_000;
/** The time of all files in a binary, so that the same sources give the same bytes. */
const MADE = new Date(Date.UTC(1980, 0, 1));

/**
 * Why no native binary can be made for a target; undefined when it can. Takes three
 * seconds at most, whatever the network does.
 */
export async function whyNotNative(
  target: Target,
): Promise<string | undefined> {
  const given = Deno.env.get("DENORT_BIN");
  if (given && target === thisMachine()) {
    const info = await Deno.stat(given).catch(() => undefined);
    return info?.isFile ? undefined : `DENORT_BIN is not a file: ${given}`;
  }
  const release = `release/v${Deno.version.deno}/denort-${target.triple}.zip`;
  const cache = await denoDir();
  const isCached = await Deno.stat(join(cache, "dl", release))
    .then(() => true, () => false);
  if (isCached) return undefined;
  try {
    const { ok, status } = await fetch(`https://dl.deno.land/${release}`, {
      method: "HEAD",
      signal: AbortSignal.timeout(PROBE_MS),
    });
    return ok ? undefined : `Deno's site answers ${status}`;
  } catch {
    return "DENORT_BIN is not set, and Deno's site cannot be reached";
  }
}

/** Makes a native binary at `path`. */
export async function compileNative(
  path: string,
  { bundle, target }: {
    bundle: Bundle;
    target: Target;
  },
): Promise<void> {
  const temporary = await Deno.makeTempDir({ prefix: "ftl-compile-" });
  // Deno writes the folder's name and the files' times into the binary.
  const folder = join(temporary, "ftl");
  try {
    await Deno.mkdir(folder);
    for (const [name, content] of bundle.files) {
      await Deno.writeFile(join(folder, name), content);
      await Deno.utime(join(folder, name), MADE, MADE);
    }
    await run(Deno.execPath(), [
      "compile",
      "--no-config",
      "--no-lock",
      "--no-check",
      "--no-npm",
      "--no-remote",
      "--no-prompt",
      "--no-code-cache", // it would be written beside files of other users
      ...PERMISSIONS,
      `--v8-flags=${V8_FLAGS.join(",")}`,
      "--target",
      target.triple,
      "--include",
      folder, // Deno does not see what is loaded on demand
      "--output",
      path,
      join(folder, ENTRY),
    ]);
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

async function denoDir(): Promise<string> {
  const info = await run(Deno.execPath(), ["info", "--json"]);
  return JSON.parse(info).denoDir;
}
