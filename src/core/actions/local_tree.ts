// Lists a folder on the controller for copying: files, folders and links, each
// with its path below the destination.
import { basename, join } from "@std/path";
import { listNames } from "../../disk/list_names.ts";

/** The content of a folder; `place` is a path below the destination. */
export interface WalkedTree {
  /** The path of a file on the controller, and its place. */
  readonly files: readonly (readonly [path: string, place: string])[];
  readonly folders: readonly string[];
  /** The target of a link, and its place. */
  readonly links: readonly (readonly [target: string, place: string])[];
}

/**
 * Walks a folder. Without a slash at its end, every place starts with its own name,
 * as in rsync. With `follow`, links to files are followed, and links to folders
 * unless these contain the link.
 */
export async function walkTree(
  top: string,
  { follow }: { follow: boolean },
): Promise<WalkedTree> {
  const files: [string, string][] = [];
  const folders: string[] = [];
  const links: [string, string][] = [];

  async function walk(folder: string, place: string, above: string[]) {
    const real = await Deno.realPath(folder);
    for (const { name, isSymlink, isDirectory } of await listNames(folder)) {
      const path = join(folder, name);
      const there = join(place, name);
      const target = isSymlink && follow ? await followLink(path) : undefined;
      if (isSymlink && (!target || [...above, real].includes(target.path))) {
        links.push([await Deno.readLink(path), there]);
      } else if (target ? target.isFolder : isDirectory) {
        folders.push(there);
        await walk(target?.path ?? path, there, [...above, real]);
      } else files.push([target?.path ?? path, there]);
    }
  }
  await walk(top, top.endsWith("/") ? "" : basename(top), []);
  return { files, folders, links };
}

/** The final target of a link; undefined when it does not exist. */
async function followLink(path: string) {
  try {
    const { isFile, isDirectory } = await Deno.stat(path);
    if (!isFile && !isDirectory) return undefined;
    return { path: await Deno.realPath(path), isFolder: isDirectory };
  } catch {
    return undefined; // a dangling link is copied as a link
  }
}
