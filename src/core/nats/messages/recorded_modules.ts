// Remembers which modules the plan of a call asked for, and what it was told, so that
// a worker can plan the same call without any folder of modules.
import type {
  ModuleProvider,
  PreparedModule,
  PreparedPack,
} from "../../fleet/provision.ts";
import type { SentModule } from "./sent_call.ts";

/** Answers as another provider, and remembers the answers. */
export class RecordedModules implements ModuleProvider {
  readonly #inner: ModuleProvider;
  readonly #modules = new Map<string, SentModule>();
  readonly #packs = new Map<string, PreparedPack>();

  constructor(inner: ModuleProvider) {
    this.#inner = inner;
  }

  archive(): ReturnType<ModuleProvider["archive"]> {
    return this.#inner.archive();
  }

  argumentRules(module: string): ReturnType<ModuleProvider["argumentRules"]> {
    return this.#inner.argumentRules(module);
  }

  async locate(module: string): ReturnType<ModuleProvider["locate"]> {
    const located = await this.#inner.locate(module);
    this.#note(module, false, {
      located: located === undefined
        ? null
        : { fullName: located.fullName, hasAction: located.hasAction },
    });
    return located;
  }

  async prepare(
    module: string,
    { native = false }: { native?: boolean | undefined } = {},
  ): Promise<PreparedModule> {
    const prepared = await this.#inner.prepare(module, { native });
    const { name, kind, pack, secrets, unmasked } = prepared;
    if (pack !== null) this.#packs.set(pack.id, pack);
    this.#note(module, native, {
      prepared: { name, kind, pack: pack?.id ?? null, secrets, unmasked },
    });
    return prepared;
  }

  /** The modules that were asked for since the last time, and their packs. */
  take(): {
    modules: readonly SentModule[];
    packs: readonly PreparedPack[];
  } {
    const modules = [...this.#modules.values()];
    const packs = [...this.#packs.values()];
    this.#modules.clear();
    this.#packs.clear();
    return { modules, packs };
  }

  #note(
    asked: string,
    native: boolean,
    found: Partial<Pick<SentModule, "prepared" | "located">>,
  ): void {
    const key = `${native} ${asked}`;
    const known = this.#modules.get(key);
    this.#modules.set(key, {
      prepared: null,
      ...known,
      ...{ asked, native },
      ...found,
    });
  }
}
