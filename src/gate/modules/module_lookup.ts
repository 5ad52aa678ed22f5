// From a module's name to its file: plain names in the module folders, full
// names in collections, file paths. A name means the same file for everybody
// who looks: `DIR/NAME.py` over all folders in order, then `DIR/NAME`, then the
// folders below them, then where ansible-core says the name has moved to.
import type { Collection } from "../sources/collections.ts";
import { findInstalledModules } from "../sources/installed_ansible.ts";
import { basename, extname } from "@std/path";
import { BuildError } from "../../errors.ts";
import { type BuildInputs, compare, Reader } from "../sources/build_inputs.ts";
import { detectKind } from "./module_kind.ts";
import {
  type Library,
  type ModuleSources,
  openLibrary,
  resolveSources,
} from "../sources/library.ts";
import type { ModuleKind } from "../format/manifest.ts";
import {
  type FoundModule,
  FULL_NAME,
  moduleFiles,
  ModuleSearch,
} from "./module_search.ts";
import { suggest } from "./suggest_module.ts";

/** A module as it was found. */
export interface ModuleFile {
  /** What it is called by: the name that was looked up, without extension. */
  readonly name: string;
  /** Where it was read from, as errors name it. */
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The SHA-256 of `bytes`. */
  readonly sha256: string;
  readonly kind: ModuleKind;
  /** Its path inside an archive. */
  readonly entry: string;
  /** See `Located.hasAction`. */
  readonly hasAction: boolean;
  /** What its users should be told: that it is deprecated. */
  readonly warnings: readonly string[];
}

/** What is known of a module by where it is. */
export interface Located {
  /** `ansible.builtin.copy`; undefined outside ansible-core and collections. */
  readonly fullName: string | undefined;
  /**
   * Whether an action plugin of the same name stands beside it: Ansible runs
   * that one instead, on the controller, and the module as a part of it.
   */
  readonly hasAction: boolean;
}

/**
 * Finds a module and reads it.
 *
 * @param name `ping`, `ping.py`, `./library/ping.py`, `ansible.builtin.ping`,
 * `community.general.ini_file`. What has a `/` is a file path.
 * @param options `native`: it is a native module whatever it looks like.
 * @throws {BuildError} when there is none, with what it may have been meant to
 * be and where it was looked for; when it cannot be read, or is of a kind that
 * ftl does not run.
 */
export async function findModule(
  name: string,
  options: ModuleSources & { native?: boolean },
): Promise<ModuleFile> {
  return await new ModuleFinder(options).find(name, options);
}

/**
 * Finds modules again and again, as a console does: what was found is looked at
 * anew only when something on the way to it has changed.
 */
export class ModuleFinder {
  readonly #sources: ModuleSources;
  readonly #found = new Map<string, { value: unknown; seen: BuildInputs }>();

  constructor(sources: ModuleSources) {
    this.#sources = sources;
  }

  /** As `findModule`. */
  find(
    name: string,
    options: { native?: boolean } = {},
  ): Promise<ModuleFile> {
    const kind = options.native ? "native" : "any";
    return this.#look(
      [kind, name],
      (library) => findIn(library, name, options),
    );
  }

  /**
   * Says where a module is, whatever is in it; undefined when there is none.
   *
   * @throws {BuildError} when it was removed, or cannot be read.
   */
  locate(name: string): Promise<Located | undefined> {
    return this.#look(["place", name], async (library) => {
      const found = await new ModuleSearch(library).find(name);
      if (found === undefined) return undefined;
      const { importable, hasAction } = found;
      const fullName = importable && fullModuleName(importable);
      return { fullName, hasAction };
    });
  }

  /** @param asked What is looked for, and the module's name. */
  async #look<T>(
    asked: readonly [what: string, name: string],
    look: (library: Library) => Promise<T>,
  ): Promise<T> {
    const files = asked[1].includes("/") ? [asked[1]] : [];
    const sources = resolveSources({ ...this.#sources, files });
    const key = JSON.stringify([asked, sources]);
    const known = this.#found.get(key);
    const state = known && await compare(known.seen);
    if (known !== undefined && state !== undefined) {
      if (state !== "same") this.#found.set(key, { ...known, seen: state });
      return known.value as T;
    }
    const reader = new Reader();
    const value = await look(await openLibrary(sources, reader));
    this.#found.set(key, { value, seen: reader.footprint() });
    return value;
  }
}

/**
 * The full name of the module at a path of an archive: `ansible.builtin.copy`
 * of `ansible/modules/copy.py`. Undefined for what is nowhere to be imported
 * from.
 */
export function fullModuleName(entry: string): string | undefined {
  const [, core] = /^ansible\/modules\/(?:.*\/)?(\w+)\.py$/.exec(entry) ?? [];
  if (core !== undefined) return `ansible.builtin.${core}`;
  const [, ns, coll, name] =
    /^ansible_collections\/(\w+)\/(\w+)\/plugins\/modules\/(.+)\.py$/
      .exec(entry) ?? [];
  return name && `${ns}.${coll}.${name.replaceAll("/", ".")}`;
}

/**
 * The names of the modules in folders, sorted: what lies in them and in the
 * folders below them, less hidden files, Python's own, and documents. Whether
 * each can be run is found out when it is read.
 *
 * @throws {BuildError} when a folder does not exist.
 */
export async function listModules(dirs: readonly string[]): Promise<string[]> {
  const library = await openLibrary(
    resolveSources({ dirs }),
    new Reader(),
  );
  return await listIn(library);
}

/** `findModule` in an open library. */
export async function findIn(
  library: Library,
  name: string,
  options: { native?: boolean } = {},
): Promise<ModuleFile> {
  const search = new ModuleSearch(library);
  const found = await search.find(name);
  if (found === undefined) throw await notFound(library, name);
  const key = nameWithoutExtension(name);
  try {
    const kind = detectKind(found.file.bytes, options);
    return {
      name: key,
      path: found.file.path,
      bytes: found.file.bytes,
      sha256: found.file.sha256,
      kind,
      entry: entryOf(key, found, kind),
      hasAction: found.hasAction,
      warnings: search.warnings,
    };
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(
      `Module ${name} cannot be run: ${found.file.path} ${error.message}`,
      { cause: error },
    );
  }
}

/** `listModules` in an open library. */
export async function listIn(library: Library): Promise<string[]> {
  const names = new Set<string>();
  for (const dir of library.dirs) {
    for await (const path of moduleFiles(library.reader, dir)) {
      names.add(basename(path).replace(/\.py$/, ""));
    }
  }
  return [...names].sort();
}

/** The full names of a collection's modules. */
export async function modulesOf(
  collection: Collection,
  folder = "",
): Promise<string[]> {
  const names: string[] = [];
  const entries = await collection.tree.list(`plugins/modules${folder}`);
  for (const [entry, type] of entries ?? []) {
    if (/^[._]/.test(entry)) continue;
    if (type === "folder") {
      names.push(...await modulesOf(collection, `${folder}/${entry}`));
    } else if (entry.endsWith(".py")) {
      const path = `${folder}/${entry.slice(0, -".py".length)}`;
      names.push(collection.name + path.replaceAll("/", "."));
    }
  }
  return names;
}

/** What somebody may have meant who has named what is not there. */
async function meantBy(library: Library, name: string): Promise<string[]> {
  const plain = await listIn(library);
  const sameStem = plain.filter((known) => known.startsWith(`${name}.`));
  const [, collection, stem] = /^(\w+\.\w+)\.([\w.]+)$/.exec(name) ?? [];
  if (collection === undefined || stem === undefined) {
    return [...sameStem, ...suggest(name, plain)];
  }
  const own = ["ansible.builtin", "ansible.legacy"];
  const { collections } = library;
  const known = [...own, ...await collections.names()];
  const near = known.includes(collection)
    ? [collection]
    : suggest(collection, known);
  const names = near.map(async (each) => {
    const found = await collections.find(each);
    const stems = own.includes(each)
      ? plain
      : (found === undefined ? [] : await modulesOf(found))
        .map((full) => full.slice(each.length + 1));
    return suggest(stem, stems).map((one) => `${each}.${one}`);
  });
  return [...sameStem, ...(await Promise.all(names)).flat()];
}

/** `ping` of `ping.py` and of `library/ping.py`; a full name stays whole. */
function nameWithoutExtension(name: string): string {
  if (!name.includes("/") && FULL_NAME.test(name)) return name;
  const file = basename(name);
  return file.slice(0, file.length - extname(file).length) || file;
}

/** Where a module stands in an archive; see `ModuleEntry.path`. */
function entryOf(name: string, found: FoundModule, kind: ModuleKind): string {
  if (kind === "new") {
    return found.importable?.replace(/(?:\.py)?$/, ".py") ??
      `ansible/legacy/${name}.py`;
  }
  return `modules/${name}${extname(found.file.path)}`;
}

async function notFound(library: Library, name: string): Promise<BuildError> {
  const collection = /^(\w+\.\w+)\.[\w.]+$/.exec(name)?.[1];
  const places = name.includes("/")
    ? ["there is no such file"]
    : library.dirs.length === 0
    ? ["no folder with modules was named"]
    : [`it is not in ${library.dirs.join(", ")}`];
  const meant = name.includes("/") ? [] : await meantBy(library, name);
  const hint = meant.slice(0, 3);
  if (collection !== undefined && !name.includes("/")) {
    const paths = library.collections.paths;
    places.push(
      paths.length === 0
        ? "no collections were named"
        : `not in the collections of ${paths.join(", ")}`,
    );
  }
  return new BuildError(
    `Module ${name} cannot be found: ${places.join(", ")}`,
    hint.length > 0
      ? { hint: `Did you mean ${hint.join(", or ")}?` }
      : library.dirs.length === 0
      ? { hint: await whereToLook() }
      : {},
  );
}

async function whereToLook(): Promise<string> {
  const installed = await findInstalledModules();
  return installed === undefined
    ? "Name a folder with -M, or the module by its path"
    : `Name a folder with -M. Ansible's are here: -M ${installed}`;
}
