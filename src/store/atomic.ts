// Files that are whole or absent: written under a temporary name in the same
// folder, flushed to the disk, then renamed. Whoever renames last wins.
import { basename, dirname, join } from "@std/path";

/** How the name of a file that is still being written begins. */
export const UNFINISHED = ".unfinished-";

/** Writes a file that only its owner can read. */
export async function writeAtomically(
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  const unfinished = join(
    dirname(path),
    `${UNFINISHED}${crypto.randomUUID()}-${basename(path).slice(0, 16)}`,
  );
  try {
    using file = create(unfinished, bytes);
    await file.sync();
    await Deno.rename(unfinished, path);
  } catch (error) {
    await Deno.remove(unfinished).catch(() => {}); // it may not exist yet
    throw error;
  }
}

/**
 * A new file with a content. Only the disk is worth another thread: handing a
 * write over to one takes longer than the write.
 */
function create(path: string, bytes: Uint8Array): Deno.FsFile {
  const file = Deno.openSync(path, {
    write: true,
    createNew: true,
    mode: 0o600,
  });
  try {
    for (let done = 0; done < bytes.length;) {
      done += file.writeSync(bytes.subarray(done));
    }
  } catch (error) {
    file.close();
    throw error;
  }
  return file;
}

/**
 * Reads a file of ours; undefined when there is none. One of somebody else's is
 * none: it may have come while the folder was open to others.
 */
export async function readIfPresent(
  path: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    using file = await Deno.open(path);
    const { uid, size } = await file.stat();
    if (uid !== null && uid !== Deno.uid()) return undefined;
    const bytes = new Uint8Array(size);
    let length = 0;
    while (length < size) {
      const read = await file.read(bytes.subarray(length));
      if (read === null) break; // it was made shorter meanwhile
      length += read;
    }
    return bytes.subarray(0, length);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
