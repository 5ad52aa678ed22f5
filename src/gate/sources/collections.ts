// Finds Ansible collections by `NS.COLL`: in folders `ansible_collections/NS/COLL`
// and in published tarballs.
import { basename, join, resolve } from "@std/path";
import { BuildError } from "../../errors.ts";
import type { Reader } from "./build_inputs.ts";
import {
  type ModuleRouting,
  RoutingFile,
  type RoutingSection,
} from "./routing.ts";
import { folderTree, type Tree } from "./source_tree.ts";

/** One collection. */
export interface Collection {
  /** `ns.coll` */
  readonly name: string;
  readonly tree: Tree;
  /** Looks up a name in its meta/runtime.yml. */
  route(
    name: string,
    section: RoutingSection,
  ): Promise<ModuleRouting | undefined>;
}

// https://docs.ansible.com/ansible/latest/dev_guide/collections_galaxy_meta.html
const PUBLISHED =
  /^([a-z][a-z0-9_]*)-([a-z][a-z0-9_]*)-(\d+\.\d+\.\d.*)\.tar\.gz$/;

/** The collections below the given paths; earlier paths win. */
export class Collections {
  readonly #reader: Reader;
  readonly #locations: Location[] = [];
  readonly #found = new Map<string, Promise<Collection | undefined>>();

  private constructor(reader: Reader) {
    this.#reader = reader;
  }

  /**
   * Opens collection paths: folders that are or contain `ansible_collections`,
   * folders with tarballs, and tarballs.
   *
   * @throws {BuildError} when a path is something else.
   */
  static async open(
    reader: Reader,
    paths: readonly string[],
  ): Promise<Collections> {
    const collections = new Collections(reader);
    for (const path of paths) {
      collections.#locations.push(await openLocation(reader, resolve(path)));
    }
    return collections;
  }

  /** The folders and tarballs that are searched. */
  get paths(): string[] {
    return this.#locations.flatMap(({ root, tarballs }) => [
      ...(root === undefined ? [] : [root]),
      ...tarballs.map(({ path }) => path),
    ]);
  }

  /** Finds the collection `ns.coll`; undefined when it does not exist. */
  find(name: string): Promise<Collection | undefined> {
    let found = this.#found.get(name);
    if (found === undefined) {
      this.#found.set(name, found = this.#find(name));
    }
    return found;
  }

  /** The names of all collections, sorted. */
  async names(): Promise<string[]> {
    const names = new Set<string>();
    for (const { root, tarballs } of this.#locations) {
      for (const { name } of tarballs) names.add(name);
      if (root === undefined) continue;
      for (const namespace of await this.#foldersIn(root)) {
        for (const name of await this.#foldersIn(join(root, namespace))) {
          names.add(`${namespace}.${name}`);
        }
      }
    }
    return [...names].sort();
  }

  /** The folders whose names are valid for a namespace or a collection. */
  async #foldersIn(path: string): Promise<string[]> {
    return [...await this.#reader.list(path) ?? []]
      .filter(([name, type]) => type === "folder" && /^[a-z_]\w*$/.test(name))
      .map(([name]) => name);
  }

  async #find(name: string): Promise<Collection | undefined> {
    for (const { root, tarballs } of this.#locations) {
      if (root !== undefined) {
        const path = join(root, ...name.split("."));
        if (await this.#reader.list(path) !== undefined) {
          return asCollection(name, folderTree(this.#reader, path));
        }
      }
      const tarball = tarballs.find((tarball) => tarball.name === name);
      if (tarball !== undefined) {
        const file = await this.#reader.read(tarball.path);
        const { readTarball } = await import("./tarball.ts");
        return asCollection(name, await readTarball(file));
      }
    }
    return undefined;
  }
}

interface Tarball {
  name: string;
  version: string;
  path: string;
}

interface Location {
  /** A folder named `ansible_collections`. */
  root: string | undefined;
  /** The newest version first. */
  tarballs: Tarball[];
}

async function openLocation(reader: Reader, path: string): Promise<Location> {
  const single = asTarball(path);
  if (single !== undefined) return { root: undefined, tarballs: [single] };
  const entries = await reader.list(path);
  if (entries === undefined) {
    throw new BuildError(
      `Cannot find collections in ${path}: the folder does not exist`,
      {
        hint: "Name a collection's tarball NAMESPACE-NAME-VERSION.tar.gz",
      },
    );
  }
  const tarballs = [...entries.keys()].map((name) =>
    asTarball(join(path, name))
  )
    .filter((tarball) => tarball !== undefined)
    .sort((a, b) =>
      b.version.localeCompare(a.version, "en", { numeric: true })
    );
  const root = basename(path) === "ansible_collections"
    ? path
    : entries.get("ansible_collections") === "folder"
    ? join(path, "ansible_collections")
    : undefined;
  if (root === undefined && tarballs.length === 0) {
    throw new BuildError(
      `Cannot find collections in ${path}: it has neither a folder ansible_collections nor tarballs`,
    );
  }
  return { root, tarballs };
}

function asTarball(path: string): Tarball | undefined {
  const match = PUBLISHED.exec(basename(path));
  if (match === null) return undefined;
  return { name: `${match[1]}.${match[2]}`, version: match[3]!, path };
}

function asCollection(name: string, tree: Tree): Collection {
  const path = "meta/runtime.yml";
  let file: Promise<RoutingFile> | undefined;
  const open = async () => {
    const isThere = (await tree.list("meta"))?.get("runtime.yml") === "file";
    const text = isThere
      ? new TextDecoder().decode((await tree.read(path)).bytes)
      : "";
    return new RoutingFile(text, `${tree.path}/${path}`);
  };
  return {
    name,
    tree,
    route: async (entry, section) =>
      (await (file ??= open())).find(entry, section),
  };
}
