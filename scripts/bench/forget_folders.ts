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

/**
 * A command that runs another one where the folders besides HOME that hosts look in
 * for gates are empty. Empty itself where there are none; else it needs root.
 */
export async function hideSharedFolders(): Promise<string[]> {
  const shared: string[] = [];
  for (const parent of ["/var/tmp", "/tmp"]) {
    const name = `ftl-${Deno.uid()}`;
    for await (const found of Deno.readDir(parent)) {
      if (found.name === name) shared.push(join(parent, name));
    }
  }
  if (shared.length === 0) return [];
  const hide = shared.map((path) => `mount -t tmpfs -o mode=700 none ${path}`);
  return ["unshare", "-m", "sh", "-c", `${hide.join("&&")}&&exec "$@"`, "sh"];
}
