// Makes an archive of the runtime, modules and utils. The expensive half of
// building, loaded only when an archive is not in the cache.
import { BuildError } from "../../errors.ts";
import { sha256 } from "../sources/build_inputs.ts";
import type { Library } from "../sources/library.ts";
import type { ModuleFile } from "../modules/module_lookup.ts";
import {
  encodeManifest,
  type Manifest,
  MANIFEST_PATH,
} from "../format/manifest.ts";
import {
  brokenModule,
  type CollectOptions,
  collectParts,
} from "./collect_parts.ts";
import type { Site } from "../requirements/site_packages.ts";
import { runtimeFiles } from "../format/runtime_files.ts";
import { packZip } from "../format/zipapp.ts";

/** A gate or a pack. */
export interface Archive {
  /** The SHA-256 of `bytes`, 64 lowercase hexadecimal digits. */
  readonly id: string;
  /** The archive itself. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What it holds. */
  readonly manifest: Manifest;
  /** Its path in the store; null when it is not stored. */
  readonly path: string | null;
  /** False when it came from the cache. */
  readonly built: boolean;
  /** For each util in it, the entries that import it, sorted. */
  readonly why: Readonly<Record<string, readonly string[]>>;
  /** Warnings for the user, one sentence each. */
  readonly warnings: readonly string[];
  /** Modules that `"all"` leaves out: name to reason. */
  readonly skipped: Readonly<Record<string, string>>;
}

/** An archive that is not stored yet. */
export type ArchiveDraft = Omit<Archive, "path" | "built">;

/** How to make an archive. */
export interface DraftOptions extends CollectOptions {
  /** The version of ftl that makes it. */
  ftl: string;
  /** Make a pack, without the files of this gate. Default: make a gate. */
  base?: Archive;
  /** Leave out modules that lack a util, and add them here. */
  skipped?: Record<string, string>;
}

/**
 * Makes an archive.
 *
 * @throws {BuildError} when a module lacks a util and `skipped` is not set, when
 * two modules of one name differ, or when the base has another version of a util.
 */
export async function draftArchive(
  library: Library,
  modules: readonly ModuleFile[],
  options: DraftOptions,
): Promise<ArchiveDraft> {
  const parts = await collectParts(library, modules, options);
  const broken = await brokenModule(parts);
  if (broken !== undefined && options.skipped === undefined) throw broken;
  const { base } = options;
  // Packages are only in the gate, where modules of packs find them too.
  const site = base === undefined ? await collectPackages(library) : undefined;
  const files = base === undefined
    ? new Map([
      ...encode(runtimeFiles),
      ...parts.files,
      ...site?.files ?? [],
    ])
    : await filesToAdd(base, parts.files);
  const entries: Manifest["entries"] = {};
  for (const [path, bytes] of files) {
    entries[path] = { sha256: await sha256(bytes), size: bytes.length };
  }
  const manifest: Manifest = {
    ftl: options.ftl,
    entries,
    modules: parts.modules,
    ...(Object.keys(site?.folders ?? {}).length > 0 &&
      { site: site!.folders }),
  };
  files.set(MANIFEST_PATH, encodeManifest(manifest));
  const bytes = packZip(files, { main: base === undefined });
  return {
    id: await sha256(bytes),
    bytes,
    manifest,
    why: Object.fromEntries(
      Object.entries(parts.why).filter(([path]) => files.has(path)),
    ),
    warnings: [...parts.warnings, ...site?.warnings ?? []],
    skipped: { ...options.skipped, ...parts.broken },
  };
}

async function collectPackages(
  { reader, packages }: Library,
): Promise<Site | undefined> {
  if (packages.requirements.length === 0) return undefined;
  const { collectSite } = await import("../requirements/site_packages.ts");
  return await collectSite(reader, packages);
}

type Files = Map<string, Uint8Array<ArrayBuffer>>;

function encode(files: ReadonlyMap<string, string>): Files {
  const encoder = new TextEncoder();
  return new Map(
    [...files].map(([path, text]) => [path, encoder.encode(text)]),
  );
}

/** The files that a gate lacks. */
async function filesToAdd(base: Archive, files: Files): Promise<Files> {
  const lacking: Files = new Map();
  for (const [path, bytes] of files) {
    const there = base.manifest.entries[path];
    if (there === undefined) lacking.set(path, bytes);
    // On the host the gate's file would win: the module would get another util.
    else if (there.sha256 !== await sha256(bytes)) {
      throw new BuildError(
        `Cannot add to the open gate: ${path} has changed since it was built`,
        { hint: "Open the gate again" },
      );
    }
  }
  return lacking;
}
