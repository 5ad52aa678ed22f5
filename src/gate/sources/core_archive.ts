// Reads the wheel or the source distribution of ansible-core as it is published,
// without unpacking it to the disk.
import { BuildError } from "../../errors.ts";
import { type Reader, sha256, type SourceFile } from "./build_inputs.ts";
import { memoryTree, type Tree } from "./source_tree.ts";

/** Whether a path is a file that is named as a wheel or a source distribution. */
export function isArchive(path: string): boolean {
  if (!/\.(?:whl|tar\.gz|tgz)$/.test(path)) return false;
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false; // reading it as a folder reports the problem
  }
}

/**
 * Opens an archive, so that the reader has its files below the archive's path, as
 * in a folder: `x.whl/ansible/modules/ping.py`.
 *
 * @throws {BuildError} when it is damaged or is not ansible-core.
 */
export async function mountArchive(
  reader: Reader,
  path: string,
): Promise<void> {
  const file = await reader.read(path);
  const tree = path.endsWith(".whl")
    ? await readWheelTree(file)
    : await readTarballTree(file);
  for (const folder of ["ansible", "lib/ansible"]) {
    const names = await tree.list(folder);
    if (names?.has("modules") && names.has("module_utils")) {
      reader.mount(tree);
      return;
    }
  }
  const isCollection = await tree.list("plugins") !== undefined;
  throw new BuildError(
    `Cannot read modules from ${path}: it is not ansible-core`,
    {
      hint: isCollection
        ? "Name collections with `collections`"
        : "Name a folder with modules, or a wheel or source distribution of ansible-core",
    },
  );
}

// What reads archives is loaded only when there is one.
async function readTarballTree(file: SourceFile): Promise<Tree> {
  const { readTarball } = await import("./tarball.ts");
  return await belowOnlyFolder(await readTarball(file));
}

async function readWheelTree(file: SourceFile): Promise<Tree> {
  const { unpackZip } = await import("../format/zipapp.ts");
  const files = new Map<string, SourceFile>();
  let entries: Map<string, Uint8Array<ArrayBuffer>>;
  try {
    entries = unpackZip(file.bytes);
  } catch (cause) {
    throw new BuildError(
      `Cannot read ${file.path}: it is not a complete wheel`,
      { cause },
    );
  }
  for (const [name, bytes] of entries) {
    if (!name.startsWith("ansible/") || name.endsWith("/")) continue;
    const path = `${file.path}/${name}`;
    files.set(name, { path, bytes, sha256: await sha256(bytes) });
  }
  return memoryTree(file.path, files);
}

/** A source distribution has one folder, such as `ansible-core-2.17.0`. */
async function belowOnlyFolder(tree: Tree): Promise<Tree> {
  const names = [...await tree.list("") ?? []];
  const [[top, type] = ["", "file"]] = names;
  if (names.length !== 1 || type !== "folder") return tree;
  const below = (path: string) => path === "" ? top : `${top}/${path}`;
  return {
    path: tree.path,
    read: async (path) => {
      const file = await tree.read(below(path));
      return { ...file, path: `${tree.path}/${path}` };
    },
    list: (path) => tree.list(below(path)),
  };
}
