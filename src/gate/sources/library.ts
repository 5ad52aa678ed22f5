// All sources of modules and their utils that the user named: module folders,
// folders of module utils, collections, and the ansible-core that contains some of
// these. Earlier folders win.
import { dirname, join, resolve } from "@std/path";
import { BuildError } from "../../errors.ts";
import { Collections } from "./collections.ts";
import { isArchive, mountArchive } from "./core_archive.ts";
import { RoutingFile } from "./routing.ts";
import { folderTree, type Tree } from "./source_tree.ts";
import type { Reader } from "./build_inputs.ts";

/**
 * Where modules and their utils come from. Relative paths start at the current
 * folder.
 */
export interface ModuleSources {
  /**
   * Folders with modules, searched in order. The folder of an ansible-core
   * installation or checkout, its wheel (`.whl`) and its source distribution
   * (`.tar.gz`) stand for its modules.
   */
  readonly dirs: readonly string[];
  /** Folders used as `ansible.module_utils`, searched before ansible-core's. */
  readonly moduleUtils?: readonly string[];
  /** Folders that are or contain `ansible_collections`, or tarballs. */
  readonly collections?: readonly string[];
  /** Modules named by paths: the trees that contain them are searched last. */
  readonly files?: readonly string[];
  /** Requirements files in pip's format: packages that modules import. */
  readonly requirements?: readonly string[];
  /** Folders of wheels, from which the packages are taken. */
  readonly wheelhouses?: readonly string[];
}

/** Opened sources. */
export interface Library {
  readonly reader: Reader;
  /** Absolute. */
  readonly dirs: readonly string[];
  /** The trees of `ansible.module_utils`, in order. */
  readonly utils: readonly Tree[];
  /** The folder `ansible` of ansible-core; undefined when none is known. */
  readonly core: string | undefined;
  readonly collections: Collections;
  /** Requirements files and folders of wheels, absolute. */
  readonly packages: {
    readonly requirements: readonly string[];
    readonly wheelhouses: readonly string[];
  };
  /** The routing of ansible-core: what has moved. */
  readonly coreRouting: () => Promise<RoutingFile>;
}

/**
 * Makes the paths of sources absolute and follows links. A path that does not
 * exist is only made absolute.
 */
export function resolveSources(sources: ModuleSources): ModuleSources {
  const real = (paths: readonly string[] = []) =>
    paths.map((path) => realPath(resolve(path)));
  return {
    dirs: real(sources.dirs),
    moduleUtils: real(sources.moduleUtils),
    collections: real(sources.collections),
    files: real(sources.files),
    requirements: real(sources.requirements),
    wheelhouses: real(sources.wheelhouses),
  };
}

/**
 * Opens resolved sources.
 *
 * @throws {BuildError} when a folder does not exist.
 */
export async function openLibrary(
  sources: ModuleSources,
  reader: Reader,
): Promise<Library> {
  const dirs: string[] = [];
  for (const dir of sources.dirs) {
    if (isArchive(dir)) await mountArchive(reader, dir);
    else await checkFolder(reader, dir, "modules");
    dirs.push(await inCore(reader, dir, "modules") ?? dir);
  }
  const utils: string[] = [];
  for (const dir of sources.moduleUtils ?? []) {
    await checkFolder(reader, dir, "module utils");
    utils.push(await inCore(reader, dir, "module_utils") ?? dir);
  }
  const known = [...dirs, ...utils, ...sources.files ?? []];
  const roots = known.map(collectionsRootAbove).filter(isDefined);
  const collections = await Collections.open(reader, [
    ...sources.collections ?? [],
    ...new Set(roots),
  ]);
  const core = await findCore(reader, [
    ...known.map(coreAbove).filter(isDefined),
    ...collections.paths.map((path) => join(dirname(path), "ansible")),
  ]);
  if (core !== undefined) utils.push(join(core, "module_utils"));
  let routing: Promise<RoutingFile> | undefined;
  return {
    reader,
    dirs,
    utils: [...new Set(utils)].map((path) => folderTree(reader, path)),
    core,
    collections,
    packages: {
      requirements: sources.requirements ?? [],
      wheelhouses: sources.wheelhouses ?? [],
    },
    coreRouting: () => routing ??= openCoreRouting(reader, core),
  };
}

/** A path from `ansible_collections` on; undefined for a path outside of one. */
export function collectionPath(path: string): string | undefined {
  return /\/(ansible_collections\/[^/]+\/[^/]+\/plugins\/modules\/.+)$/
    .exec(path)?.[1];
}

function collectionsRootAbove(path: string): string | undefined {
  return /^(.*\/ansible_collections)\/[^/]+\/[^/]+\/plugins(?:\/|$)/
    .exec(path)?.[1];
}

/** The folder of the `modules` or `module_utils` at or above a path. */
function coreAbove(path: string): string | undefined {
  return /^(.*)\/(?:modules|module_utils)(?:\/|$)/.exec(path)?.[1];
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}

// Asked before each call: a synchronous answer takes a tenth of the time.
function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path; // reading it reports the problem
  }
}

async function checkFolder(
  reader: Reader,
  path: string,
  what: string,
): Promise<void> {
  if (await reader.list(path) === undefined) {
    throw new BuildError(
      `Cannot read ${what} from ${path}: the folder does not exist`,
    );
  }
}

/** `folder` of the ansible-core at a path, or in a checkout at a path. */
async function inCore(
  reader: Reader,
  path: string,
  folder: string,
): Promise<string | undefined> {
  for (const below of ["", "ansible", "lib/ansible"]) {
    const core = join(path, below);
    if (await isCore(reader, core)) return join(core, folder);
  }
  return undefined;
}

async function findCore(
  reader: Reader,
  candidates: readonly string[],
): Promise<string | undefined> {
  for (const path of candidates) {
    if (await isCore(reader, path)) return path;
  }
  return undefined;
}

async function isCore(reader: Reader, path: string): Promise<boolean> {
  const entries = await listIfReadable(reader, path);
  if (
    entries?.get("modules") !== "folder" ||
    entries.get("module_utils") !== "folder"
  ) return false;
  const utils = await listIfReadable(reader, join(path, "module_utils"));
  return utils?.get("basic.py") === "file";
}

async function listIfReadable(reader: Reader, path: string) {
  try {
    return await reader.list(path);
  } catch {
    return undefined; // unreadable, so not usable as ansible-core
  }
}

async function openCoreRouting(
  reader: Reader,
  core: string | undefined,
): Promise<RoutingFile> {
  if (core === undefined) return new RoutingFile("", "");
  const name = "ansible_builtin_runtime.yml";
  const folder = join(core, "config");
  const path = join(folder, name);
  const isThere = (await reader.list(folder))?.get(name) === "file";
  const text = isThere
    ? new TextDecoder().decode((await reader.read(path)).bytes)
    : "";
  return new RoutingFile(text, path);
}
