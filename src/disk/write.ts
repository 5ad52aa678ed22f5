// Everything that ftl writes on this machine, except fetched files. A file is
// whole or absent: it is written under a new name in the same folder, flushed to
// the disk and renamed. A link or a pipe that another user put at the path is
// neither followed nor waited for.
import { basename, dirname, join } from "@std/path";
import { requireRegular, requireSafeFolder } from "./place.ts";

/** The prefix of the name of a file that is still being written. */
export const UNFINISHED = ".unfinished-";

/** How a file is written. */
export interface WriteOptions {
  /** Default: 0600, for its owner alone. */
  readonly mode?: number;
  /** Whether to wait until the disk has it. Default: true. */
  readonly isFlushed?: boolean;
}

/**
 * Writes a file in a folder that only we can write to. The last writer wins, and
 * a link at the path is replaced, not followed.
 */
export async function writeAtomically(
  path: string,
  bytes: Uint8Array,
  { mode = 0o600, isFlushed = true }: WriteOptions = {},
): Promise<void> {
  const unfinished = unfinishedPath(path);
  try {
    using file = create(unfinished, bytes, mode);
    if (isFlushed) await file.sync();
    await Deno.rename(unfinished, path);
  } catch (error) {
    await Deno.remove(unfinished).catch(() => {}); // it may not exist yet
    throw error;
  }
}

/**
 * Writes a new file with mode 0600, in a folder that only we can write to. Of
 * several processes that do so at the same time, one writes it.
 *
 * @returns false when the path exists; it is left as it is.
 */
export async function createAtomically(
  path: string,
  bytes: Uint8Array,
): Promise<boolean> {
  const unfinished = unfinishedPath(path);
  try {
    using file = create(unfinished, bytes, 0o600);
    await file.sync();
    await Deno.link(unfinished, path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  } finally {
    await Deno.remove(unfinished).catch(() => {}); // it may not exist yet
  }
}

function unfinishedPath(path: string): string {
  return join(
    dirname(path),
    `${UNFINISHED}${crypto.randomUUID()}-${basename(path).slice(0, 16)}`,
  );
}

/**
 * Writes a file where the user wants it. It may replace a regular file.
 *
 * @throws {Error} when something else is there, such as /dev/null.
 */
export async function writeFile(
  path: string,
  bytes: Uint8Array,
  options?: WriteOptions,
): Promise<void> {
  requireRegular(path);
  await writeAtomically(path, bytes, options);
}

/**
 * Writes a new file with mode 0600 where the user wants it.
 *
 * @throws {Deno.errors.AlreadyExists} when the path exists.
 * @throws {Error} when the folder belongs to a user other than us and root.
 */
export async function writeNewFile(
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  requireSafeFolder(dirname(path));
  using file = create(path, bytes, 0o600);
  await file.sync();
}

/**
 * Creates a file with this content; a link at the path is not followed. Writing
 * is synchronous: only flushing takes longer than handing over to a thread.
 */
function create(path: string, bytes: Uint8Array, mode: number): Deno.FsFile {
  const file = Deno.openSync(path, { write: true, createNew: true, mode });
  try {
    for (let done = 0; done < bytes.length;) {
      done += file.writeSync(bytes.subarray(done));
    }
  } catch (error) {
    file.close();
    Deno.removeSync(path);
    throw error;
  }
  return file;
}
