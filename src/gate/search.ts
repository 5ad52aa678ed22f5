// Where a module's name leads: module folders, then the folders below them,
// then collections for full names, then where routing says the name has moved.
import { basename, dirname, join, resolve } from "@std/path";
import { BuildError } from "../errors.ts";
import type { Route } from "./ansible/routing.ts";
import { findPython, type Tree } from "./ansible/tree.ts";
import type { SourceFile } from "./footprint.ts";
import { collectionPath, type Library } from "./library.ts";

/** Whether a name is a full one: `ns.coll.module`. */
export const FULL_NAME = /^[a-z_]\w*\.[a-z_]\w*\.[\w.]+$/i;

/** Names of files and folders among modules that are none. */
export const NOT_MODULES =
  /^(?:[._].*|.*~|.*\.(?:ya?ml|json|md|rst|txt|cfg|toml|ini|pyc|pyo|so|ps1|psm1|cs|orig|rej|bak|swp))$/;

const MAX_REDIRECTS = 8;

/** A module's file. */
export interface Found {
  readonly file: SourceFile;
  /** Its path in an archive where Python would import it from, if it has one. */
  readonly importable: string | undefined;
  /** See `ModuleFile.hasAction`. */
  readonly hasAction: boolean;
}

/** One look-up of a module, redirects included. */
export class Search {
  /** What its users should be told: that it is deprecated. */
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
    return {
      file,
      importable: `${root}/${python.path}`,
      hasAction: await isIn(
        collection.tree,
        python.path.replace("/modules/", "/action/"),
      ),
    };
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
    const inCore = core !== undefined && path.startsWith(`${core}/modules/`);
    if (!inCore && collectionPath(path) === undefined) {
      return { file, importable: undefined, hasAction: false };
    }
    const action = inCore
      ? `${core}/plugins/action/${basename(path)}`
      : path.replace("/plugins/modules/", "/plugins/action/");
    return {
      file,
      importable: inCore
        ? `ansible${path.slice(core.length)}`
        : collectionPath(path),
      hasAction: await isIn(reader, action),
    };
  }
}

/** Whether there is a file of that path. */
async function isIn(
  place: Pick<Tree, "list">,
  path: string,
): Promise<boolean> {
  const siblings = await place.list(dirname(path));
  return siblings?.get(basename(path)) === "file";
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
