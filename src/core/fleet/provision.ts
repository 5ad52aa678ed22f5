// Which archive and which pack a call uses. A fleet has one archive: a gate that
// was built ahead of the run, or the base gate; a module that is not in it
// travels as a pack. Nothing here contacts a host.
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
  ModuleFinder,
} from "../../gate/modules/module_lookup.ts";
import type { ModuleEntry, ModuleKind } from "../../gate/format/manifest.ts";

/** What calls are provided from. */
export interface ProvisionOptions extends BuildOptions {
  /** A gate that was built ahead of the run. Default: the base gate. */
  gate?: Archive | undefined;
}

/** A pack, ready to be sent. */
export interface PreparedPack {
  readonly id: string;
  /** Its bytes in base64. */
  readonly data: string;
  /** In bytes. */
  readonly size: number;
  /** False: it came from the cache. */
  readonly built: boolean;
}

/** A module, ready to be called on any host of the fleet. */
export interface PreparedModule {
  /** Its name in the archive's or the pack's manifest. */
  readonly name: string;
  readonly kind: ModuleKind;
  /** Null: the archive holds it. */
  readonly pack: PreparedPack | null;
  /** Parameters that the module wants masked. */
  readonly secrets: readonly string[];
  /** Parameters that it wants shown whatever their names are. */
  readonly unmasked: readonly string[];
  /** What its users should be told, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * For how long, in ms, the pack of a module that has not changed is taken to be
 * current: looking at all files that it is made of costs 3 ms of CPU, a warm
 * call on a host 0.3.
 */
const CURRENT_MS = 1000;

/** Provides the calls of one fleet. */
export class Provision {
  readonly #options: ProvisionOptions;
  readonly #finder: ModuleFinder;
  #archive: Promise<Archive> | undefined;
  /** The pack made last for a module: encoding it is for once. */
  readonly #packs = new Map<string, PreparedPack>();
  readonly #lately = new Map<string, { at: number; prepared: PreparedModule }>();

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
   * Says where a module is; undefined when there is none.
   *
   * @throws {BuildError} when it was removed, or cannot be read.
   */
  async locate(module: string): Promise<Located | undefined> {
    const ahead = this.#findAhead(module);
    if (ahead === undefined) return await this.#finder.locate(module);
    const [, { path, hasAction = false }] = ahead;
    return { fullName: fullModuleName(path), hasAction };
  }

  /**
   * Finds a module, and packs it unless the archive holds it. A change of its
   * utils is noticed a second later at the latest, one of its own at once.
   *
   * @throws {BuildError} when there is none, or it cannot be packed.
   */
  async prepare(
    module: string,
    { native = false }: { native?: boolean | undefined } = {},
  ): Promise<PreparedModule> {
    const ahead = this.#findAhead(module);
    if (ahead !== undefined) {
      const [name, { kind, secrets = [], unmasked = [] }] = ahead;
      if (!native || kind === "native") {
        return { name, kind, pack: null, secrets, unmasked, warnings: [] };
      }
    }
    const file = await this.#finder.find(module, { native });
    const key = [file.name, file.path, file.sha256, file.kind].join(" ");
    const last = this.#lately.get(key);
    const now = performance.now();
    if (last !== undefined && now - last.at < CURRENT_MS) return last.prepared;
    const prepared = await this.#pack(file);
    this.#lately.set(key, { at: now, prepared });
    return prepared;
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

  /** A module of the gate that was built ahead, by its name or its full name. */
  #findAhead(module: string): [name: string, entry: ModuleEntry] | undefined {
    const modules = this.#options.gate?.manifest.modules ?? {};
    if (Object.hasOwn(modules, module)) return [module, modules[module]!];
    const full = module.replace(/^ansible\.legacy\./, "ansible.builtin.");
    return Object.entries(modules)
      .find(([, { path }]) => fullModuleName(path) === full);
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
