// Reads files that ftl wrote.
import { requireRegularOrOwnLink } from "./place.ts";

/**
 * Reads a file; undefined when it is missing or belongs to another user, who may
 * have planted it while the folder was open to others.
 *
 * @throws {Error} when it is not a file, or is another user's link.
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
      if (read === null) break; // truncated in the meantime
      length += read;
    }
    return bytes.subarray(0, length);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
