// Files that decide whom a run or a worker trusts.
import { exposureOf } from "../../../ownership.ts";

/**
 * Requires a regular file that other users cannot change.
 *
 * @returns what the system knows about it.
 * @throws {Error} that says why it must not be used; its text is about "it".
 */
export async function trustedFile(path: string): Promise<Deno.FileInfo> {
  const info = await Deno.stat(path);
  if (!info.isFile) throw new Error("it is not a regular file");
  const exposure = exposureOf(path, "code", info);
  if (exposure?.isRefused) throw new Error(exposure.both);
  return info;
}
