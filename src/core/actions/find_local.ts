// Finds a file of an action on the controller, where Ansible's actions look for it.
import { join, resolve } from "@std/path";

/**
 * The absolute path of a file or folder: below `folder` in the working folder, else
 * in the working folder itself. `~/` is HOME. What is nowhere is in the working
 * folder. Follows Ansible's `path_dwim_relative_stack`.
 *
 * @param folder The folder of such files in a project.
 */
export async function findLocal(
  path: string,
  folder: "files" | "vars",
): Promise<string> {
  const home = Deno.env.get("HOME");
  if (path.startsWith("~/") && home) return join(home, path.slice(2));
  const plain = resolve(path);
  if (path.startsWith("/") || path.split("/").includes(folder)) return plain;
  const below = resolve(folder, path);
  const info = await Deno.stat(below).catch(() => undefined);
  return info === undefined ? plain : below;
}
