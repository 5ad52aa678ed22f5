// Chooses the archive and the pack of a call. A fleet has one archive: the gate
// that was built before the run, or the base gate. A module that the archive lacks
// is sent as a pack. Nothing here contacts a host.
import {
  type Archive,
  buildBaseGate,
  type BuildOptions,
  buildPack,
} from "../../gate/archive/build_gate.ts";
import {
  fullModuleName,
  type Located,
  type ModuleFile,
} from "../../gate/modules/module_lookup.ts";
import { ModuleFinder } from "../../gate/modules/module_finder.ts";
import { ModuleNotFound } from "../../gate/modules/module_not_found.ts";
import { BuildError } from "../../errors.ts";
import type { ArgumentRules } from "../../gate/modules/argument_rules.ts";
import { findInManifest } from "../../gate/modules/gate_names.ts";
import { suggest } from "../../gate/modules/suggest_module.ts";
import type { ModuleEntry, ModuleKind } from "../../gate/format/manifest.ts";

/** The gate and the sources of a fleet. */
export interface ProvisionOptions extends BuildOptions {
  /** A gate that was built before the run. Default: the base gate. */
  gate?: Archive | undefined;
}

/** A pack, encoded for sending. */
export interface PreparedPack {
  readonly id: string;
  /** The pack in base64. */
  readonly data: string;
  /** The size of the pack in bytes. */
  readonly size: number;
  /** False when it came from the cache. */
  readonly built: boolean;
}

/** A module, ready for calls on any host of the fleet. */
export interface PreparedModule {
  /** Its name in the archive's or the pack's manifest. */
  readonly name: string;
  readonly kind: ModuleKind;
  /** Null when the archive has the module. */
  readonly pack: PreparedPack | null;
  /** Parameters that the module declares as secret. */
  readonly secrets: readonly string[];
  /** Parameters that it declares as not secret, whatever their names are. */
  readonly unmasked: readonly string[];
  /** Warnings for the user, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * How long, in ms, a pack is reused without checking the utils that are in it:
 * the check takes 3 ms of CPU, a warm call on a host 0.3.
 */
const CURRENT_MS = 1000;

/** How many modules of a gate an error names. */
const MAX_SHOWN = 10;

/** What a gate is opened with. */
export type GateArchive = Pick<Archive, "id" | "bytes" | "built">;

/** What provides the archive and the modules of a fleet. Contacts no host. */
export interface ModuleProvider {
  /** The fleet's archive. */
  archive(): Promise<GateArchive>;
  /**
   * Finds a module; undefined when it does not exist.
   *
   * @throws {BuildError} when it was removed, or cannot be read.
   */
  locate(module: string): Promise<Located | undefined>;
  /**
   * Finds a module, and packs it unless the archive has it.
   *
   * @throws {BuildError} when there is no such module, or it cannot be packed.
   */
  prepare(
    module: string,
    options?: { native?: boolean | undefined },
  ): Promise<PreparedModule>;
  /** The rules for a module's arguments; undefined when none are known. */
  argumentRules(module: string): Promise<ArgumentRules | undefined>;
}

/** Provides the archive and the modules of one fleet from files of this machine. */
export class Provision implements ModuleProvider {
  readonly #options: ProvisionOptions;
  readonly #finder: ModuleFinder;
  #archive: Promise<Archive> | undefined;
  /** The last pack of each module, so that it is encoded only once. */
  readonly #packs = new Map<string, PreparedPack>();
  readonly #recent = new Map<
    string,
    { at: number; prepared: PreparedModule }
  >();

  constructor(options: ProvisionOptions) {
    this.#options = options;
    this.#finder = new ModuleFinder(options.sources ?? { dirs: [] });
  }

  /** The fleet's archive. */
  archive(): Promise<Archive> {
    return this.#archive ??= this.#options.gate === undefined
      ? buildBaseGate(this.#options)
      : Promise.resolve(this.#options.gate);
  }

  /**
   * Finds a module; undefined when it does not exist.
   *
   * @throws {BuildError} when it was removed, or cannot be read.
   */
  async locate(module: string): Promise<Located | undefined> {
    const built = this.#findInGate(module);
    if (built === undefined) return await this.#finder.locate(module);
    const [, { path, hasAction = false }] = built;
    return { fullName: fullModuleName(path), hasAction };
  }

  /**
   * Finds a module, and packs it unless the archive has it. A change of the
   * module is noticed at once, a change of its utils within a second.
   *
   * @throws {BuildError} when there is no such module, or it cannot be packed.
   */
  async prepare(
    module: string,
    { native = false }: { native?: boolean | undefined } = {},
  ): Promise<PreparedModule> {
    const built = this.#findInGate(module);
    if (built !== undefined) {
      const [name, { kind, secrets = [], unmasked = [] }] = built;
      if (!native || kind === "native") {
        return { name, kind, pack: null, secrets, unmasked, warnings: [] };
      }
    }
    const file = await this.#finder.find(module, { native })
      .catch((error) => Promise.reject(this.#notFound(module, error)));
    const key = [file.name, file.path, file.sha256, file.kind].join(" ");
    const last = this.#recent.get(key);
    const now = performance.now();
    if (last !== undefined && now - last.at < CURRENT_MS) return last.prepared;
    const prepared = await this.#pack(file);
    this.#recent.set(key, { at: now, prepared });
    return prepared;
  }

  /** The rules for a module's arguments; undefined when the gate brings the module. */
  async argumentRules(module: string): Promise<ArgumentRules | undefined> {
    if (this.#findInGate(module) !== undefined) return undefined;
    const { sources = { dirs: [] }, store } = this.#options;
    try {
      const file = await this.#finder.read(module);
      const { ArgumentRules } = await import(
        "../../gate/modules/argument_rules.ts"
      );
      return await ArgumentRules.of(file, { sources, ...(store && { store }) });
    } catch (error) {
      if (error instanceof BuildError) return undefined; // the call reports it
      throw error;
    }
  }

  async #pack(file: ModuleFile): Promise<PreparedModule> {
    const base = await this.archive();
    const pack = await buildPack(file, base, this.#options);
    const { kind, secrets = [], unmasked = [] } = pack.manifest
      .modules[file.name]!;
    return {
      name: file.name,
      kind,
      pack: this.#encode(file.name, pack),
      secrets,
      unmasked,
      warnings: [
        ...new Set([...base.warnings, ...file.warnings, ...pack.warnings]),
      ],
    };
  }

  /** Finds a module in the gate of the options, by its name or its full name. */
  #findInGate(module: string): [name: string, entry: ModuleEntry] | undefined {
    const { gate } = this.#options;
    return gate && findInManifest(gate.manifest.modules, module);
  }

  /** The error for a module that neither the gate nor the sources have. */
  #notFound(module: string, cause: unknown): unknown {
    const { gate, sources } = this.#options;
    if (gate === undefined || !(cause instanceof ModuleNotFound)) return cause;
    const names = Object.keys(gate.manifest.modules);
    const shown = names.slice(0, MAX_SHOWN).join(", ");
    const more = names.length > MAX_SHOWN
      ? ` and ${names.length - MAX_SHOWN} more`
      : "";
    const elsewhere = sources?.dirs.length ? `, and ${cause.places}` : "";
    const similar = suggest(module, names);
    return new ModuleNotFound(module, {
      places: `the gate has ${shown || "no modules"}${more}${elsewhere}`,
      hint: similar.length > 0
        ? `Did you mean ${similar.join(", or ")}?`
        : "Build a gate that has it, or name the module's folder in `dirs`",
    });
  }

  #encode(name: string, { id, bytes, built }: Archive): PreparedPack {
    let pack = this.#packs.get(name);
    if (pack?.id !== id) {
      pack = { id, data: bytes.toBase64(), size: bytes.length, built };
      this.#packs.set(name, pack);
    }
    return pack;
  }
}
