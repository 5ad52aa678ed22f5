// From a module's name to its file: plain names in the module folders, full
// names in collections, file paths. A name means the same file for everybody
// who looks: `DIR/NAME.py` over all folders in order, then `DIR/NAME`, then the
// folders below them, then where ansible-core says the name has moved to.
import { basename, extname, join, resolve } from "@std/path";
import { BuildError } from "../errors.ts";
import type { Route } from "./ansible/routing.ts";
import { findPython } from "./ansible/tree.ts";
import { Reader, type SourceFile } from "./footprint.ts";
import { detectKind } from "./kind.ts";
import {
  collectionPath,
  type Library,
  openLibrary,
  resolveSources,
  type Sources,
} from "./library.ts";
import type { Kind } from "./manifest.ts";
import { suggest } from "./suggest.ts";

/** A module as it was found. */
export interface ModuleFile {
  /** What it is called by: the name that was looked up, without extension. */
  readonly name: string;
  /** Where it was read from, as errors name it. */
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The SHA-256 of `bytes`. */
  readonly sha256: string;
  readonly kind: Kind;
  /** Its path inside an archive. */
  readonly entry: string;
  /** What its users should be told: that it is deprecated. */
  readonly warnings: readonly string[];
}

const FULL_NAME = /^[a-z_]\w*\.[a-z_]\w*\.[\w.]+$/i;
const NOT_MODULES =
  /^(?:[._].*|.*~|.*\.(?:ya?ml|json|md|rst|txt|cfg|toml|ini|pyc|pyo|so|ps1|psm1|cs|orig|rej|bak|swp))$/;
const MAX_REDIRECTS = 8;

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
  options: Sources & { native?: boolean },
): Promise<ModuleFile> {
  const sources = { ...options, files: name.includes("/") ? [name] : [] };
  const library = await openLibrary(
    await resolveSources(sources),
    new Reader(),
  );
  return await findIn(library, name, options);
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
    await resolveSources({ dirs }),
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
  const search = new Search(library);
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
      warnings: search.warnings,
    };
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(
      `Module ${name} cannot be run: ${found.file.path} ${error.message}`,
    );
  }
}

/** `listModules` in an open library. */
export async function listIn(library: Library): Promise<string[]> {
  const names = new Set<string>();
  const visit = async (dir: string) => {
    for (const [name, type] of await library.reader.list(dir) ?? []) {
      if (NOT_MODULES.test(name)) continue;
      if (type === "folder") await visit(join(dir, name));
      else names.add(name.replace(/\.py$/, ""));
    }
  };
  for (const dir of library.dirs) await visit(dir);
  return [...names].sort();
}

/** A file, and the place that Python would import it from, when it has one. */
interface Found {
  file: SourceFile;
  importable: string | undefined;
}

class Search {
  readonly warnings: string[] = [];
  readonly #library: Library;

  constructor(library: Library) {
    this.#library = library;
  }

  async find(name: string, redirects = 0): Promise<Found | undefined> {
    if (redirects > MAX_REDIRECTS) {
      throw new BuildError(
        `Module ${name} cannot be found: it is redirected in a circle`,
      );
    }
    if (name.includes("/")) return await this.#findFile(name);
    const found = await this.#findInDirs(name);
    if (found !== undefined) return found;
    if (FULL_NAME.test(name)) return await this.#findFull(name, redirects);
    const route = await (await this.#library.coreRouting()).find(
      name,
      "modules",
    );
    return await this.#follow(name, route, redirects);
  }

  async #findFile(name: string): Promise<Found | undefined> {
    const path = resolve(name);
    try {
      if ((await Deno.stat(path)).isFile) return await this.#read(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
    throw new BuildError(`Module ${name} cannot be read: it is not a file`);
  }

  async #findInDirs(name: string): Promise<Found | undefined> {
    const { dirs, reader } = this.#library;
    for (const file of [`${name}.py`, name]) {
      for (const dir of dirs) {
        if ((await reader.list(dir))?.get(file) === "file") {
          return await this.#read(join(dir, file));
        }
      }
    }
    for (const file of [`${name}.py`, name]) {
      for (const dir of dirs) {
        const path = await findBelow(this.#library, dir, file);
        if (path !== undefined) return await this.#read(path);
      }
    }
    return undefined;
  }

  async #findFull(name: string, redirects: number): Promise<Found | undefined> {
    const [, collectionName = "", rest = ""] = /^(\w+\.\w+)\.(.*)$/.exec(name)!;
    if (/^ansible\.(?:builtin|legacy)$/.test(collectionName)) {
      return await this.#findInCore(rest, redirects);
    }
    const collection = await this.#library.collections.find(collectionName);
    if (collection === undefined) return undefined;
    const route = await collection.route(rest, "modules");
    const moved = await this.#follow(name, route, redirects);
    if (moved !== undefined) return moved;
    const stem = `plugins/modules/${rest.replaceAll(".", "/")}`;
    const python = await findPython(collection.tree, stem);
    if (python?.path === undefined || python.isPackage) return undefined;
    const file = await collection.tree.read(python.path);
    const root = `ansible_collections/${collectionName.replace(".", "/")}`;
    return { file, importable: `${root}/${python.path}` };
  }

  async #findInCore(
    name: string,
    redirects: number,
  ): Promise<Found | undefined> {
    const { core } = this.#library;
    if (core === undefined) return undefined;
    const path = await findBelow(
      this.#library,
      join(core, "modules"),
      `${name}.py`,
    );
    if (path !== undefined) return await this.#read(path);
    const route = await (await this.#library.coreRouting()).find(
      name,
      "modules",
    );
    return await this.#follow(name, route, redirects);
  }

  /** Goes where a route leads; undefined when it leads nowhere. */
  async #follow(
    name: string,
    route: Route | undefined,
    redirects: number,
  ): Promise<Found | undefined> {
    if (route?.tombstone !== undefined) {
      throw new BuildError(
        `Module ${name} cannot be run: it was removed${
          explain(route.tombstone.warning_text)
        }`,
      );
    }
    if (route?.deprecation !== undefined) {
      this.warnings.push(
        `Module ${name} is deprecated${
          explain(route.deprecation.warning_text)
        }`,
      );
    }
    if (route?.redirect === undefined) return undefined;
    const found = await this.find(route.redirect, redirects + 1);
    if (found === undefined) {
      throw new BuildError(
        `Module ${name} cannot be found: it has moved to ${route.redirect}, which is not there`,
        { hint: "Name the folder of its collection with --collections-path" },
      );
    }
    return found;
  }

  async #read(path: string): Promise<Found> {
    const { core, reader } = this.#library;
    const file = await reader.read(path);
    const inCore = core !== undefined && path.startsWith(`${core}/modules/`)
      ? `ansible${path.slice(core.length)}`
      : undefined;
    return { file, importable: collectionPath(path) ?? inCore };
  }
}

/** The first file of that name below a folder, in the order of the names. */
async function findBelow(
  library: Library,
  dir: string,
  file: string,
): Promise<string | undefined> {
  const entries = await library.reader.list(dir);
  if (entries?.get(file) === "file") return join(dir, file);
  for (const [name, type] of [...entries ?? []].sort()) {
    if (type !== "folder" || NOT_MODULES.test(name)) continue;
    const path = await findBelow(library, join(dir, name), file);
    if (path !== undefined) return path;
  }
  return undefined;
}

function explain(text: string | undefined): string {
  return text === undefined ? "" : `: ${text.trim().replace(/\.$/, "")}`;
}

/** `ping` of `ping.py` and of `library/ping.py`; a full name stays whole. */
function nameWithoutExtension(name: string): string {
  if (!name.includes("/") && FULL_NAME.test(name)) return name;
  const file = basename(name);
  return file.slice(0, file.length - extname(file).length) || file;
}

/** Where a module stands in an archive; see `ModuleEntry.path`. */
function entryOf(name: string, found: Found, kind: Kind): string {
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
  const names = name.includes("/") ? [] : await listIn(library);
  const meant = suggest(name, names);
  const sameStem = names.filter((known) => known.startsWith(`${name}.`));
  const hint = [...sameStem, ...meant].slice(0, 3);
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
      ? { hint: "Name a folder with -M, or the module by its path" }
      : {},
  );
}
