// Collects the content of a gate or a pack without the runtime: modules, the utils
// that they need, and the packages that contain these. Loaded only when an archive
// is not in the cache.
import type { NoLog } from "../imports/no_log_parameters.ts";
import { BuildError } from "../../errors.ts";
import {
  BASIC,
  type ClosureFile,
  importersOf,
  ImportGraph,
  type Missing,
  reachable,
} from "../imports/import_closure.ts";
import {
  type Unsupported,
  unsupported,
  UnsupportedError,
} from "../imports/unsupported.ts";
import { type FactsStore, ImportFacts } from "../imports/import_facts.ts";
import { findInstalledModules } from "../sources/installed_ansible.ts";
import type { SourceFile } from "../sources/build_inputs.ts";
import type { Library } from "../sources/library.ts";
import type { ModuleFile } from "../modules/module_lookup.ts";
import type { ModuleEntry } from "../format/manifest.ts";

/** Modules and utils for an archive. */
export interface Parts {
  /** Path inside the archive to content. */
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
  readonly modules: Record<string, ModuleEntry>;
  /** See `Archive.why`. */
  readonly why: Record<string, readonly string[]>;
  readonly warnings: string[];
  /** Modules that cannot run: name to reason, as `needs …`. */
  readonly broken: Record<string, string>;
  /** Those of them that need what only Ansible's controller has. */
  readonly unsupported: Record<string, Unsupported>;
}

/** How to collect. */
export interface CollectOptions {
  /** Caches facts about files; without it, none are cached. */
  store?: FactsStore | undefined;
  /** The key of the facts in the store. */
  factsKey: string;
  /** Add the utils that every new-style module needs, when the sources have them. */
  withBasic?: boolean;
}

/**
 * Collects modules and the files that they need.
 *
 * @throws {BuildError} when two modules of one name differ.
 */
export async function collectParts(
  library: Library,
  modules: readonly ModuleFile[],
  options: CollectOptions,
): Promise<Parts> {
  const facts = await ImportFacts.open(options.store, options.factsKey);
  const graph = new ImportGraph(library, facts);
  const parts: Parts = {
    files: new Map(),
    modules: {},
    why: {},
    warnings: modules.flatMap(({ warnings }) => warnings),
    broken: {},
    unsupported: {},
  };
  const nodes = new Set<ClosureFile>();
  const basic = options.withBasic || modules.some(({ kind }) => kind === "new")
    ? await graph.util(BASIC)
    : undefined;
  if (basic !== undefined && options.withBasic) nodes.add(basic);
  for (const module of modules) {
    const found = await collectModule(module, { library, graph, basic });
    if ("broken" in found) {
      parts.broken[module.name] = found.broken;
      if (found.unsupported) {
        parts.unsupported[module.name] = found.unsupported;
      }
      continue;
    }
    addModule(parts, module, found);
    for (const node of found.nodes) nodes.add(node);
  }
  addUtils(parts, reachable(nodes));
  await addPackages(parts.files, library);
  parts.warnings.push(...graph.warnings, ...library.reader.warnings);
  if (options.store !== undefined) {
    // Without them the next build reads the files again, for example on a full disk.
    await facts.save(options.store, options.factsKey).catch(() => {});
  }
  return parts;
}

/** The error for the first module that cannot run, if there is one. */
export async function brokenModule(
  parts: Parts,
): Promise<BuildError | undefined> {
  const [name] = Object.keys(parts.broken);
  if (name === undefined) return undefined;
  const why = parts.broken[name]!;
  const message = `Cannot run module ${name}: it ${why}`;
  const unsupported = parts.unsupported[name];
  if (unsupported !== undefined) {
    return new UnsupportedError(message, { hint: unsupported.hint });
  }
  if (!why.startsWith("needs ")) return new BuildError(message);
  const installed = why.startsWith(`needs ${BASIC}`)
    ? await findInstalledModules()
    : undefined;
  return new BuildError(message, {
    hint: installed === undefined
      ? "Name the folder that has it in `moduleUtils`, an ansible-core in `dirs`, or a collection in `collections`"
      : `Name an ansible-core, such as the one of this machine: \`dirs\` ${installed}`,
  });
}

type Collected =
  | ({ nodes: ClosureFile[] } & NoLog)
  | { broken: string; unsupported?: Unsupported };

async function collectModule(
  module: ModuleFile,
  { library, graph, basic }: {
    library: Library;
    graph: ImportGraph;
    basic: ClosureFile | undefined;
  },
): Promise<Collected> {
  if (module.kind !== "new" && module.kind !== "native") {
    return { nodes: [], secrets: [], unmasked: [] };
  }
  const file: SourceFile = module;
  const start = await graph.module(module.entry, file);
  const needed = module.kind === "new" && basic !== undefined
    ? [start, basic]
    : [start];
  const all = reachable(needed);
  const unreadable = [...all].find((node) => node.unreadable !== undefined);
  if (unreadable !== undefined) {
    const { file, unreadable: why } = unreadable;
    return { broken: `contains ${file.path}, which cannot be parsed: ${why}` };
  }
  const needs = unsupported(all);
  if (needs !== undefined) return { broken: needs.why, unsupported: needs };
  const missing = [...all].map((node) => node.missing).find(isMissing);
  if (missing !== undefined) return { broken: describe(missing, library) };
  if (module.kind === "new" && basic === undefined) {
    return { broken: `needs ${BASIC}, ${searchedFolders(BASIC, library)}` };
  }
  const secrets = new Set([...all].flatMap((node) => node.secrets));
  const unmasked = new Set([...all].flatMap((node) => node.unmasked));
  return {
    nodes: needed,
    secrets: [...secrets].sort(),
    unmasked: [...unmasked.difference(secrets)].sort(),
  };
}

function isMissing(missing: Missing | undefined): missing is Missing {
  return missing !== undefined;
}

function describe(
  { name, path, line, reason }: Missing,
  library: Library,
): string {
  return `needs ${name} (${path}, line ${line}), ${
    reason ?? searchedFolders(name, library)
  }`;
}

/** A clause with the folders that were searched for a util. */
function searchedFolders(
  name: string,
  { utils, collections }: Library,
): string {
  const paths = name.startsWith("ansible.")
    ? utils.map(({ path }) => path)
    : collections.paths;
  return paths.length === 0
    ? "and no folder that could have it is set"
    : `which is not in ${paths.join(", ")}`;
}

function addModule(
  parts: Parts,
  module: ModuleFile,
  { secrets, unmasked }: NoLog,
): void {
  const { name, entry, kind, bytes, hasAction } = module;
  const known = Object.hasOwn(parts.modules, name)
    ? parts.modules[name]
    : undefined;
  const same = parts.files.get(entry);
  if (
    (known !== undefined && known.path !== entry) ||
    (same !== undefined && !equal(same, bytes))
  ) {
    throw new BuildError(
      `Cannot build a gate with two different modules named ${name}: one is ${module.path}`,
    );
  }
  parts.modules[name] = {
    path: entry,
    kind,
    ...(secrets.length === 0 ? {} : { secrets: [...secrets] }),
    ...(unmasked.length === 0 ? {} : { unmasked: [...unmasked] }),
    ...(hasAction ? { hasAction } : {}),
  };
  parts.files.set(entry, bytes);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function addUtils(parts: Parts, nodes: ReadonlySet<ClosureFile>): void {
  const modules = new Set(Object.values(parts.modules).map(({ path }) => path));
  for (const { entry, file } of nodes) {
    if (!modules.has(entry)) parts.files.set(entry, file.bytes);
  }
  Object.assign(parts.why, importersOf(nodes));
}

/**
 * Adds an empty `__init__.py` to every package without one, and the version to
 * `ansible`: complete packages are never mixed with the host's own.
 */
async function addPackages(
  files: Map<string, Uint8Array<ArrayBuffer>>,
  library: Library,
): Promise<void> {
  for (const path of [...files.keys()]) {
    if (!/^ansible(?:_collections)?\//.test(path)) continue;
    for (
      let at = path.lastIndexOf("/");
      at > 0;
      at = path.lastIndexOf("/", at - 1)
    ) {
      const init = `${path.slice(0, at)}/__init__.py`;
      if (!files.has(init)) files.set(init, new Uint8Array());
    }
  }
  if (files.has("ansible/__init__.py")) {
    files.set("ansible/__init__.py", await ansiblePackage(library));
  }
}

async function ansiblePackage(
  library: Library,
): Promise<Uint8Array<ArrayBuffer>> {
  for (const tree of library.utils) {
    const name = "ansible_release.py";
    if ((await tree.list(""))?.get(name) !== "file") continue;
    const text = new TextDecoder().decode((await tree.read(name)).bytes);
    const version = /^__version__ = (["'])([\w.+-]+)\1/m.exec(text)?.[2];
    if (version === undefined) continue;
    return new TextEncoder().encode(`__version__ = "${version}"\n`);
  }
  return new Uint8Array();
}
