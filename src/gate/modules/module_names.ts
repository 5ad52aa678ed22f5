// The names of the modules in folders and collections. None is read.
import type { Collection } from "../sources/collections.ts";
import type { Library } from "../sources/library.ts";
import { isModuleEntry, moduleFiles, moduleStem } from "./module_files.ts";

/**
 * The names of the modules in the folders of a library, sorted, each once:
 * without hidden files, Python's own files, and documents. Whether a module can
 * run is checked when it is read.
 */
export async function listIn(library: Library): Promise<string[]> {
  const names = new Set<string>();
  for (const dir of library.dirs) {
    for await (const path of moduleFiles(library.reader, dir)) {
      names.add(moduleStem(path));
    }
  }
  return [...names].sort();
}

/** The full names of a collection's modules. */
export async function modulesOf(
  collection: Collection,
  folder = "",
): Promise<string[]> {
  const names = new Set<string>();
  const entries = await collection.tree.list(`plugins/modules${folder}`);
  for (const [entry, type] of entries ?? []) {
    if (!isModuleEntry(entry)) continue;
    if (type === "folder") {
      const below = await modulesOf(collection, `${folder}/${entry}`);
      for (const name of below) names.add(name);
    } else {
      const path = `${folder}/${moduleStem(entry)}`;
      names.add(collection.name + path.replaceAll("/", "."));
    }
  }
  return [...names];
}
