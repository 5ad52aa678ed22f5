// Reading files that we have written.
import { requireRegularOrOwnLink } from "./place.ts";

/**
 * Reads a file of ours; undefined when there is none. One of another user counts
 * as none: it may have come while the folder was open to others.
 *
 * @throws {Error} when it is no file, or a link that another user made.
 */
export async function readIfPresent(
  path: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    requireRegularOrOwnLink(path);
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
