// Everything that ftl writes on this machine, but for what fetch brings: files
// that are whole or absent, written under a new name in the same folder, flushed
// to the disk and renamed. A name that another user has put there, a link or a
// pipe, is neither followed nor waited for.
import { basename, dirname, join } from "@std/path";
import { requireRegular, requireSafeFolder } from "./place.ts";

/** How the name of a file that is still being written begins. */
export const UNFINISHED = ".unfinished-";

/** How a file is written. */
export interface WriteOptions {
  /** Default: 0600, for its owner alone. */
  readonly mode?: number;
  /** Whether to wait until the disk has it. Default: true. */
  readonly isFlushed?: boolean;
}

/**
 * Writes a file of a folder that is ours alone. Whoever renames last wins, and a
 * link at its place is replaced, not followed.
 */
export async function writeAtomically(
  path: string,
  bytes: Uint8Array,
  { mode = 0o600, isFlushed = true }: WriteOptions = {},
): Promise<void> {
  const unfinished = join(
    dirname(path),
    `${UNFINISHED}${crypto.randomUUID()}-${basename(path).slice(0, 16)}`,
  );
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
 * Writes a file where the user wants it, in place of a regular one or of none.
 *
 * @throws {Error} when there is something else, as /dev/null is.
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
 * Writes a file where the user wants it, for its owner alone; there must be none.
 *
 * @throws {Deno.errors.AlreadyExists} when there is one.
 * @throws {Error} when the folder belongs to another user than root.
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
 * A new file with a content; a link at its place is not followed. Only the disk
 * is worth another thread: handing a write over to one takes longer than it.
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
