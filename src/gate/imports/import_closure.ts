// Finds the module utils that modules need: everything reachable through their
// imports, and what ansible-core imports by computed names. Each file is resolved
// once, however many modules need it.
import { sha256, type SourceFile } from "../sources/build_inputs.ts";
import type { Library } from "../sources/library.ts";
import type { Collections } from "../sources/collections.ts";
import type { ImportFacts } from "./import_facts.ts";
import type { Need } from "./unsupported.ts";
import { type Import, type PythonFacts, standInFor } from "./python_imports.ts";
import {
  absolute,
  canonical,
  CORE,
  entryOf,
  fullUtilName,
  packageOf,
  stemOf,
  utilDepth,
} from "../sources/util_names.ts";
import type { ModuleRouting, RoutingSection } from "../sources/routing.ts";
import { findPython, type Tree } from "../sources/source_tree.ts";

/** A file of an archive, and the files that it needs. */
export interface ClosureFile {
  /** Its path inside the archive. */
  readonly entry: string;
  readonly file: SourceFile;
  /** The files that it imports, with those of the packages above them. */
  readonly needs: ReadonlySet<ClosureFile>;
  /** Parameters that it declares with `no_log=True`. */
  readonly secrets: readonly string[];
  /** Parameters that it declares with `no_log=False`. */
  readonly unmasked: readonly string[];
  /** The first required import that was not found. */
  readonly missing: Missing | undefined;
  /** Why its imports could not be read, as a clause. */
  readonly unreadable: string | undefined;
  /** See `Need`. */
  readonly need: Need | undefined;
}

/** An import that was not found. */
export interface Missing {
  readonly name: string;
  readonly path: string;
  readonly line: number;
  /** The reason, when routing gives one. */
  readonly reason: string | undefined;
}

/** Where utils are taken from. */
export interface UtilSources extends Pick<Library, "utils" | "coreRouting"> {
  readonly collections: Pick<Collections, "find">;
}

/** The util that every new-style module needs, even without importing it. */
export const BASIC = "ansible.module_utils.basic";

// Imported by ansible-core 2.19 and later under computed names; see
// `recursive_finder` in its executor/module_common.py.
const COMPUTED = [
  `${CORE}._internal._ansiballz._loader`,
  `${CORE}._internal._json._profiles._module_legacy_c2m`,
  `${CORE}._internal._json._profiles._module_legacy_m2c`,
];
const SECTION: RoutingSection = "module_utils";

/** Resolves the imports of modules and utils. */
export class ImportGraph {
  /** Warnings for the user: that a util is deprecated. */
  readonly warnings = new Set<string>();
  readonly #sources: UtilSources;
  readonly #facts: ImportFacts;
  readonly #nodes = new Map<string, GrowingFile>();
  /** Nodes whose imports are not followed yet. */
  readonly #waiting: GrowingFile[] = [];
  /** Names that routing lists as removed, with its explanation. */
  readonly #removed = new Map<string, string | undefined>();
  readonly #located = new Map<string, Promise<Located | undefined>>();

  constructor(sources: UtilSources, facts: ImportFacts) {
    this.#sources = sources;
    this.#facts = facts;
  }

  /** A module with everything that it needs, directly or not. */
  async module(entry: string, file: SourceFile): Promise<ClosureFile> {
    const node = this.#node(entry, file);
    await this.#follow();
    return node;
  }

  /** A util by its full name, with everything that it needs; undefined when it is not found. */
  async util(name: string): Promise<ClosureFile | undefined> {
    const located = await this.#locate(name);
    await this.#follow();
    return located?.node;
  }

  /** Follows imports until no new file appears: imports may form circles. */
  async #follow(): Promise<void> {
    for (let node = this.#waiting.pop(); node; node = this.#waiting.pop()) {
      await this.#expand(node);
    }
  }

  #node(entry: string, file: SourceFile): GrowingFile {
    let node = this.#nodes.get(entry);
    if (node === undefined) {
      const needs = new Set<ClosureFile>();
      node = {
        entry,
        file,
        needs,
        secrets: [],
        unmasked: [],
        missing: undefined,
        unreadable: undefined,
        need: undefined,
      };
      this.#nodes.set(entry, node);
      this.#waiting.push(node);
    }
    return node;
  }

  async #expand(node: GrowingFile): Promise<void> {
    const { entry, file, needs } = node;
    let facts: PythonFacts;
    try {
      facts = this.#facts.of(file);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      node.unreadable = error.message;
      return;
    }
    const from = packageOf(entry);
    for (const found of facts.imports) {
      const missing = await this.#import(from, found, needs);
      if (missing !== undefined && !found.guarded) {
        node.missing ??= {
          name: missing,
          path: file.path,
          line: found.line,
          reason: this.#removed.has(missing)
            ? this.#removed.get(missing) ?? "it was removed"
            : undefined,
        };
      }
    }
    for (const [anchor, resource] of facts.embeds) {
      await this.#embed(absolute(anchor, from), resource, needs);
    }
    if (entry === entryOf(BASIC)) {
      for (const name of COMPUTED) await this.#add(name, needs);
    }
    needs.delete(node);
    node.secrets = facts.secrets;
    node.unmasked = facts.unmasked;
    node.need = facts.need;
  }

  /** Adds the files of one import; returns the name that was not found. */
  async #import(
    from: string,
    { module, names }: Import,
    needs: Set<ClosureFile>,
  ): Promise<string | undefined> {
    const base = canonical(absolute(module, from));
    if (utilDepth(base) === 0) return undefined;
    const located = await this.#add(base, needs);
    if (names.length === 0) return located === undefined ? base : undefined;
    let missing = located === undefined ? base : undefined;
    for (const name of names) {
      if (name === "*" || located?.isPackage === false) continue;
      const full = canonical(`${base}.${name}`);
      if (await this.#add(full, needs) !== undefined) {
        // Routing redirects names below packages that no longer exist.
        if (located === undefined) missing = undefined;
      } else if (located !== undefined && located.node === undefined) {
        missing = full;
      }
    }
    return missing;
  }

  /** Adds a name and the packages above it. */
  async #add(
    name: string,
    needs: Set<ClosureFile>,
  ): Promise<Located | undefined> {
    const located = await this.#locate(name);
    if (located === undefined) return undefined;
    const parts = name.split(".");
    for (let length = utilDepth(name) + 1; length < parts.length; length++) {
      const above = await this.#locate(parts.slice(0, length).join("."));
      if (above?.node !== undefined) needs.add(above.node);
    }
    if (located.node !== undefined) needs.add(located.node);
    return located;
  }

  #locate(name: string): Promise<Located | undefined> {
    let found = this.#located.get(name);
    if (found === undefined) {
      this.#located.set(name, found = this.#search(name));
    }
    return found;
  }

  async #search(name: string): Promise<Located | undefined> {
    const rest = name.split(".").slice(utilDepth(name)).join(".");
    if (rest === "") return { isPackage: true, node: undefined };
    if (name.startsWith(`${CORE}.`)) {
      const routing = () => this.#sources.coreRouting();
      return await this.#inTrees(name, this.#sources.utils) ??
        await this.#redirected(
          name,
          await (await routing()).find(rest, SECTION),
        );
    }
    const [, ns, coll] = name.split(".");
    const collection = await this.#sources.collections.find(`${ns}.${coll}`);
    if (collection === undefined) return undefined;
    return await this.#redirected(
      name,
      await collection.route(rest, SECTION),
    ) ??
      await this.#inTrees(name, [collection.tree]);
  }

  async #inTrees(
    name: string,
    trees: readonly Tree[],
  ): Promise<Located | undefined> {
    for (const tree of trees) {
      const found = await findPython(tree, stemOf(name));
      if (found === undefined) continue;
      if (found.path === undefined) return { isPackage: true, node: undefined };
      const file = await tree.read(found.path);
      const node = this.#node(entryOf(name, found.isPackage), file);
      return { isPackage: found.isPackage, node };
    }
    return undefined;
  }

  /** A stand-in for a util that routing redirects to another one. */
  async #redirected(
    name: string,
    route: ModuleRouting | undefined,
  ): Promise<Located | undefined> {
    if (route?.tombstone !== undefined) {
      this.#removed.set(name, route.tombstone.warning_text);
      return undefined;
    }
    if (route?.deprecation !== undefined) {
      const reason = route.deprecation.warning_text ?? "it will be removed";
      this.warnings.add(`${name} is deprecated: ${reason}`);
    }
    if (route?.redirect === undefined) return undefined;
    const module = fullUtilName(route.redirect);
    const target = await this.#locate(module);
    if (target === undefined) return undefined;
    const bytes = new TextEncoder().encode(standInFor(module));
    const file = { path: name, bytes, sha256: await sha256(bytes) };
    const node = this.#node(entryOf(name), file);
    return { isPackage: target.isPackage, node };
  }

  /** Adds a data file of a package (ansible-core 2.22). */
  async #embed(
    anchor: string,
    resource: string,
    needs: Set<ClosureFile>,
  ): Promise<void> {
    const located = await this.#add(anchor, needs);
    if (located === undefined) return;
    const [, ns, coll] = anchor.split(".");
    const trees = anchor.startsWith(`${CORE}.`)
      ? this.#sources.utils
      : [(await this.#sources.collections.find(`${ns}.${coll}`))?.tree];
    for (const tree of trees) {
      const folder = stemOf(anchor);
      if ((await tree?.list(folder))?.get(resource) !== "file") continue;
      const file = await tree!.read(`${folder}/${resource}`);
      needs.add(this.#node(`${anchor.replaceAll(".", "/")}/${resource}`, file));
      return;
    }
  }
}

interface GrowingFile extends ClosureFile {
  readonly needs: Set<ClosureFile>;
  secrets: readonly string[];
  unmasked: readonly string[];
  missing: Missing | undefined;
  unreadable: string | undefined;
  need: Need | undefined;
}

interface Located {
  readonly isPackage: boolean;
  /** Undefined for a package without a file of its own. */
  readonly node: ClosureFile | undefined;
}

/** For each imported file, the entries that import it, sorted. */
export function importersOf(
  nodes: Iterable<ClosureFile>,
): Record<string, readonly string[]> {
  const importers: Record<string, string[]> = {};
  for (const { entry, needs } of nodes) {
    for (const needed of needs) (importers[needed.entry] ??= []).push(entry);
  }
  for (const entries of Object.values(importers)) entries.sort();
  return importers;
}

/** All files that the given ones need, directly or not, and these themselves. */
export function reachable(nodes: Iterable<ClosureFile>): Set<ClosureFile> {
  const reached = new Set(nodes);
  for (const node of reached) {
    for (const needed of node.needs) reached.add(needed);
  }
  return reached;
}
