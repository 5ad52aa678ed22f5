// A folder of this machine, taken apart for copying: files, folders and links,
// each with its path below the destination.
import { basename, join } from "@std/path";

/** What is to come to lie where. */
export interface LocalTree {
  /** A file's path here, and its path there. */
  readonly files: readonly (readonly [path: string, place: string])[];
  readonly folders: readonly string[];
  /** What a link says, and its path there. */
  readonly links: readonly (readonly [target: string, place: string])[];
}

/**
 * Walks a folder. Without a slash at its end, its own name comes first in every
 * place, as rsync has it. Links are followed where that leads to a file, or to
 * a folder that is not above them.
 */
export async function walkTree(
  top: string,
  { follow }: { follow: boolean },
): Promise<LocalTree> {
  const files: [string, string][] = [];
  const folders: string[] = [];
  const links: [string, string][] = [];

  async function walk(folder: string, place: string, above: string[]) {
    const real = await Deno.realPath(folder);
    const entries = await Array.fromAsync(Deno.readDir(folder));
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const { name, isSymlink, isDirectory } of entries) {
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

/** Where a link leads in the end; undefined when nowhere. */
async function followLink(path: string) {
  try {
    const { isFile, isDirectory } = await Deno.stat(path);
    if (!isFile && !isDirectory) return undefined;
    return { path: await Deno.realPath(path), isFolder: isDirectory };
  } catch {
    return undefined; // it dangles, and is copied as the link that it is
  }
}
