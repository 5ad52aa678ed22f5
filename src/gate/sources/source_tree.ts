// Source files below a root, which is a folder, a tarball or an archive. Paths
// inside a tree are relative and use `/`.
import { join } from "@std/path";
import type { EntryType, Reader, SourceFile } from "./build_inputs.ts";

/** A root with source files below it. */
export interface Tree {
  /** Its path, for errors. */
  readonly path: string;
  /** Reads a file that `list` returned. */
  read(path: string): Promise<SourceFile>;
  /** The entries of a folder, `""` for the root; undefined when it does not exist. */
  list(path: string): Promise<ReadonlyMap<string, EntryType> | undefined>;
}

/** A folder as a tree. */
export function folderTree(reader: Reader, path: string): Tree {
  return {
    path,
    read: (file) => reader.read(join(path, file)),
    list: (folder) => reader.list(join(path, folder)),
  };
}

/** Files in memory as a tree. */
export function memoryTree(
  path: string,
  files: ReadonlyMap<string, SourceFile>,
): Tree {
  const folders = new Map<string, Map<string, EntryType>>([["", new Map()]]);
  for (const file of files.keys()) {
    let name = file;
    let type: EntryType = "file";
    for (;;) {
      const cut = name.lastIndexOf("/");
      const folder = name.slice(0, Math.max(cut, 0));
      const known = folders.get(folder);
      if (known === undefined) folders.set(folder, new Map());
      folders.get(folder)!.set(name.slice(cut + 1), type);
      if (known !== undefined) break;
      name = folder;
      type = "folder";
    }
  }
  return {
    path,
    read: (file) => {
      const found = files.get(file);
      return found === undefined
        ? Promise.reject(new Deno.errors.NotFound(`${path}: no ${file}`))
        : Promise.resolve(found);
    },
    list: (folder) => Promise.resolve(folders.get(folder)),
  };
}

/** The place of a Python module or package in a tree. */
export interface PythonFile {
  readonly tree: Tree;
  /** Undefined for a folder without `__init__.py`. */
  readonly path: string | undefined;
  readonly isPackage: boolean;
}

/**
 * Finds a module or package as Python's import does: `a/b/__init__.py`, then
 * `a/b.py`, then a folder `a/b` without `__init__.py`.
 *
 * @param stem The name's path without extension; `""` is the root itself.
 */
export async function findPython(
  tree: Tree,
  stem: string,
): Promise<PythonFile | undefined> {
  const cut = stem.lastIndexOf("/");
  const siblings = await tree.list(stem.slice(0, Math.max(cut, 0)));
  if (siblings === undefined) return undefined;
  const name = stem.slice(cut + 1);
  const isFolder = stem === "" || siblings.get(name) === "folder";
  if (isFolder) {
    const init = (await tree.list(stem))?.get("__init__.py");
    if (init === "file") {
      const path = stem === "" ? "__init__.py" : `${stem}/__init__.py`;
      return { tree, path, isPackage: true };
    }
  }
  if (siblings.get(`${name}.py`) === "file") {
    return { tree, path: `${stem}.py`, isPackage: false };
  }
  return isFolder ? { tree, path: undefined, isPackage: true } : undefined;
}
