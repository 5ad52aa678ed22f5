// Builds the gates and packs of a run, or takes them from the cache when no input
// has changed. A gate depends on content alone, not on the paths of its sources;
// these only decide whether the cache can be used.
import config from "../../../deno.json" with { type: "json" };
import type { Store, StoredKind } from "../../store/store.ts";
import type { Archive, ArchiveDraft, DraftOptions } from "./archive.ts";
import { ArchiveCache } from "./archive_cache.ts";
import { Reader, sha256 } from "../sources/build_inputs.ts";
import {
  type Library,
  type ModuleSources,
  openLibrary,
  resolveSources,
} from "../sources/library.ts";
import { allGateModules, gateModules } from "../modules/gate_modules.ts";
import { findIn, type ModuleFile } from "../modules/module_lookup.ts";
import { runtimeHash } from "../format/runtime_hash.ts";

export type { Archive } from "./archive.ts";

/** The content of a gate that is built before the run. */
export interface GateSpec extends ModuleSources {
  /**
   * Names as for `findModule`; `"all"` for all modules in `dirs` that can run. The
   * modules that actions call, such as `stat` for `copy`, are added.
   */
  readonly modules: readonly string[] | "all";
  /** Names of native modules. */
  readonly native?: readonly string[];
}

/** How to build. */
export interface BuildOptions {
  /** Keeps gates and packs; without it, none are kept. */
  readonly store?: Store;
  /** Where base gates and packs take utils from. A `GateSpec` has its own sources. */
  readonly sources?: ModuleSources;
}

// Must change whenever the same content makes another archive.
const FORMAT = 3;

/** The hash of the embedded runtime, computed once. */
let runtime: Promise<string> | undefined;

/**
 * Builds the gate without modules: the runtime, and the utils that every new-style
 * module needs, when the sources have them.
 *
 * @throws {BuildError} when a folder of the sources does not exist.
 */
export async function buildBaseGate(options: BuildOptions): Promise<Archive> {
  const sources = resolveSources(options.sources ?? { dirs: [] });
  const request: Request = { kind: "gates", spec: ["base"], sources };
  return await build(
    request,
    options,
    (library, draft) => draft(library, [], { withBasic: true }),
  );
}

/**
 * Builds a gate with all modules of a run.
 *
 * @throws {BuildError} when a module is not found, cannot run, or needs a util that
 * is not found. `"all"` leaves such modules out and names them in `skipped`.
 */
export async function buildGate(
  spec: GateSpec,
  options: BuildOptions,
): Promise<Archive> {
  const native = [...spec.native ?? []].sort();
  const names = spec.modules === "all" ? "all" : [...spec.modules].sort();
  const files = [...native, ...names === "all" ? [] : names]
    .filter((name) => name.includes("/"));
  const sources = resolveSources({ ...spec, files });
  // A relative path names another module in another folder.
  const at = files.length > 0 ? Deno.cwd() : "";
  const request: Request = {
    kind: "gates",
    spec: ["gate", names, native, at],
    sources,
  };
  return await build(request, options, async (library, draft) => {
    const modules: ModuleFile[] = [];
    for (const name of native) {
      modules.push(await findIn(library, name, { native: true }));
    }
    if (names === "all") {
      const { found, skipped } = await allGateModules(library);
      return await draft(library, [...modules, ...found], { skipped });
    }
    for (const name of names) {
      modules.push(...await gateModules(library, name));
    }
    return await draft(library, modules, {});
  });
}

/**
 * Builds a pack: one module, and those of its utils that an open gate lacks.
 *
 * @param base The gate that the pack will be used with.
 * @throws {BuildError} when the module needs a util that is not found, or when utils
 * have changed since the gate was built.
 */
export async function buildPack(
  module: ModuleFile,
  base: Archive,
  options: BuildOptions,
): Promise<Archive> {
  const sources = resolveSources({
    ...options.sources ?? { dirs: [] },
    files: [module.path],
  });
  const { name, entry, kind, sha256, hasAction } = module;
  const spec = ["pack", base.id, name, entry, kind, sha256, hasAction];
  return await build(
    { kind: "packs", spec, sources },
    options,
    (library, draft) => draft(library, [module], { base }),
  );
}

/** What to build. It does not depend on the state of files. */
interface Request {
  readonly kind: StoredKind;
  readonly spec: readonly unknown[];
  readonly sources: ModuleSources;
}

type DraftArchive = (
  library: Library,
  modules: readonly ModuleFile[],
  options: Pick<DraftOptions, "base" | "skipped" | "withBasic">,
) => Promise<ArchiveDraft>;

async function build(
  { kind, spec, sources }: Request,
  { store }: BuildOptions,
  make: (library: Library, draft: DraftArchive) => Promise<ArchiveDraft>,
): Promise<Archive> {
  const ftl = config.version;
  runtime ??= runtimeHash();
  const key = await hash([FORMAT, ftl, await runtime, spec, sources]);
  const cache = store && new ArchiveCache(store, kind, key);
  const known = await cache?.recall();
  if (known !== undefined) return known;
  const reader = new Reader();
  const factsKey = `facts-${await hash({ ...sources, files: [] })}`;
  const library = await openLibrary(sources, reader);
  const draft = await make(library, async (library, modules, options) => {
    const { draftArchive } = await import("./archive.ts");
    return await draftArchive(library, modules, {
      ...options,
      ftl,
      factsKey,
      store,
    });
  });
  return await cache?.keep(draft, reader.footprint()) ??
    { ...draft, path: null, built: true };
}

async function hash(value: unknown): Promise<string> {
  return await sha256(new TextEncoder().encode(JSON.stringify(value)));
}
