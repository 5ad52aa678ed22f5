// The store's folder. Its content later runs on hosts, so no other user may be
// able to write to it or to replace it.
import { join, resolve } from "@std/path";
import { BuildError } from "../errors.ts";
import { exposureOf } from "../ownership.ts";

const HINT = "Set FTL_HOME to a folder of your own, or fix this one";

/**
 * The store's folder for this user: `FTL_HOME`, else `~/.ftl`.
 *
 * @throws {BuildError} when neither FTL_HOME nor HOME is set, or when HOME
 * belongs to another user, as under a `sudo` that keeps it.
 */
export async function defaultFolder(): Promise<string> {
  const chosen = Deno.env.get("FTL_HOME");
  if (chosen) return resolve(chosen);
  const home = Deno.env.get("HOME");
  if (!home) {
    throw new BuildError("Cannot keep gates: neither FTL_HOME nor HOME is set");
  }
  const info = await stat(home);
  if (info !== undefined && info.uid !== Deno.uid()) {
    throw new BuildError(
      `Cannot keep gates in ${home}: it belongs to user ${info.uid}, and this is user ${Deno.uid()}`,
      { hint: HINT },
    );
  }
  return join(home, ".ftl");
}

/**
 * Creates the folder if it is missing, and resolves to its real path.
 *
 * @throws {BuildError} when it cannot be created, does not belong to us, or
 * other users could write to it or replace it.
 */
export async function openFolder(path: string): Promise<string> {
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) {
      throw refusal(path, (error as Error).message, error);
    }
  }
  const link = await Deno.lstat(path);
  if (link.isSymlink && link.uid !== Deno.uid()) {
    throw refusal(path, `it is a link that user ${link.uid} made`);
  }
  const real = await Deno.realPath(path).catch((error) => {
    throw refusal(path, "it is a broken link", error);
  });
  await check(path, real);
  return real;
}

async function check(path: string, real: string): Promise<void> {
  const info = await Deno.stat(real);
  const mode = info.mode ?? 0;
  if (!info.isDirectory) throw refusal(path, "it is not a folder");
  if (info.uid !== Deno.uid()) {
    throw refusal(path, `it belongs to user ${info.uid}`);
  }
  if (mode & 0o022) {
    throw refusal(
      path,
      `others can write to it (mode ${(mode & 0o777).toString(8)})`,
      undefined,
      `Inspect its content, then run chmod 700 ${path}`,
    );
  }
  if (mode & 0o077) await Deno.chmod(real, 0o700);
  const exposure = exposureOf(real, "code");
  if (exposure?.isRefused) {
    throw refusal(path, `others can replace it: ${exposure.why}`);
  }
}

async function stat(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch {
    return undefined; // creating the store there reports what is wrong
  }
}

function refusal(
  path: string,
  state: string,
  cause?: unknown,
  hint = HINT,
): BuildError {
  return new BuildError(`Cannot keep gates in ${path}: ${state}`, {
    hint,
    cause,
  });
}
