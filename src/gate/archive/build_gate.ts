// Gates and packs for a run: from the cache when nothing they are made of has
// changed, else made anew. What a gate is depends on content alone; where the
// content came from only decides whether the cache can be used.
import config from "../../../deno.json" with { type: "json" };
import { BuildError } from "../../errors.ts";
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
import { findIn, listIn, type ModuleFile } from "../modules/module_lookup.ts";
import { runtimeFiles } from "../format/runtime_files.ts";

export type { Archive } from "./archive.ts";

/** What goes into a gate that is built ahead of the run. */
export interface GateSpec extends ModuleSources {
  /** Names as `findModule` takes them; `"all"`: what is in `dirs` and can run. */
  readonly modules: readonly string[] | "all";
  /** Names of native modules. */
  readonly native?: readonly string[];
}

/** How to build. */
export interface BuildOptions {
  /** Where gates and packs are kept; absent: nothing is. */
  readonly store?: Store;
  /** What base gates and packs take utils from. A `GateSpec` has its own. */
  readonly sources?: ModuleSources;
}

// Changes whenever the same content would give another archive.
const FORMAT = 2;

/** The hash of the embedded runtime, which never changes. */
let runtimeHash: Promise<string> | undefined;

/**
 * Builds the gate without modules: the runtime, and what every new-style module
 * needs, when the sources have it.
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
 * Builds a gate that holds everything of a run.
 *
 * @throws {BuildError} when a module is not found, cannot run, or needs what is
 * not there. Of `"all"` such modules are left out, and named in `skipped`.
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
  // A module named by a relative path is another one elsewhere.
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
      const { found, skipped } = await findAll(library);
      return await draft(library, [...modules, ...found], { skipped });
    }
    for (const name of names) modules.push(await findIn(library, name));
    return await draft(library, modules, {});
  });
}

/**
 * Builds a pack: one module and those of its utils that an open gate lacks.
 *
 * @param base The gate that the pack will be used with.
 * @throws {BuildError} when the module needs what is not there, or when utils
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

/** What is asked for, whatever the state of the files. */
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
  const runtime = await (runtimeHash ??= hash([...runtimeFiles]));
  const key = await hash([FORMAT, ftl, runtime, spec, sources]);
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

async function findAll(library: Library) {
  const found: ModuleFile[] = [];
  const skipped: Record<string, string> = {};
  for (const name of await listIn(library)) {
    try {
      found.push(await findIn(library, name));
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      const { message } = error.cause instanceof BuildError
        ? error.cause
        : error;
      skipped[name] = message;
    }
  }
  return { found, skipped };
}

async function hash(value: unknown): Promise<string> {
  return await sha256(new TextEncoder().encode(JSON.stringify(value)));
}
