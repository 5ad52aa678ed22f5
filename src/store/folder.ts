// The folder that the store lives in. What is in it is later run on hosts, so
// nobody but its owner may be able to write to it, or to put another in its
// place.
import { join, resolve } from "@std/path";
import { BuildError } from "../errors.ts";
import { exposureOf } from "../ownership.ts";

const HINT = "Set FTL_HOME to a folder of your own, or put this one right";

/**
 * The store's folder for this user: `FTL_HOME`, else `~/.ftl`.
 *
 * @throws {BuildError} when neither FTL_HOME nor HOME is set, or when HOME
 * belongs to somebody else, as it does under a `sudo` that keeps it.
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
 * Makes the folder if it is missing, and resolves to its real path.
 *
 * @throws {BuildError} when it cannot be made, is not a folder of ours, or
 * could be written to or replaced by others.
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
    throw refusal(path, "it is a link that leads nowhere", error);
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
      `Look at what is in it, then: chmod 700 ${path}`,
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
    return undefined; // making the store there will say what is wrong
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
