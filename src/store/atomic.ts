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
    using file = await Deno.open(unfinished, {
      write: true,
      createNew: true,
      mode: 0o600,
    });
    for (let done = 0; done < bytes.length;) {
      done += await file.write(bytes.subarray(done));
    }
    await file.sync();
    await Deno.rename(unfinished, path);
  } catch (error) {
    await Deno.remove(unfinished).catch(() => {}); // it may not exist yet
    throw error;
  }
}

/** Reads a file; undefined when there is none. */
export async function readIfPresent(
  path: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
