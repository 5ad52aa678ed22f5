// Finds the modules of an installed Ansible. For hints only: they are never used
// unless the user names them.
import { join } from "@std/path";

const FOLDERS = [
  "/usr/lib/python3/dist-packages",
  ...["/usr/lib", "/usr/lib64", "/usr/local/lib"].flatMap((lib) =>
    Array.from(
      { length: 12 },
      (_, i) => `${lib}/python3.${17 - i}/site-packages`,
    )
  ),
];

/** The folder of an installed ansible-core's modules, if there is one. */
export async function findInstalledModules(
  folders: readonly string[] = FOLDERS,
): Promise<string | undefined> {
  for (const parent of folders) {
    const folder = join(parent, "ansible/modules");
    try {
      if ((await Deno.stat(folder)).isDirectory) return folder;
    } catch {
      continue; // not installed here
    }
  }
  return undefined;
}
