// Makes the next run of a program a first one.
import { join } from "@std/path";

/**
 * Moves folders aside, those that exist. They are not removed: for a minute ext4 does
 * not reuse a freed inode, and searching for others costs a host a third of a run.
 *
 * @param folder Where they are moved, on the same file system.
 */
export async function forgetFolders(
  paths: readonly string[],
  folder: string,
): Promise<void> {
  const aside = await Deno.makeTempDir({ dir: folder });
  for (const [i, path] of paths.entries()) {
    await Deno.rename(path, join(aside, String(i))).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}
