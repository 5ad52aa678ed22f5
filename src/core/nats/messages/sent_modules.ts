// The modules of a call as a worker has them: what the sender found out, and the
// archives by their hashes. Nothing of this machine's folders is looked at.
import { BuildError } from "../../../errors.ts";
import type {
  ModuleProvider,
  PreparedModule,
  PreparedPack,
} from "../../fleet/provision.ts";
import type { NatsFiles } from "../server/nats_files.ts";
import type { SentModule } from "./sent_call.ts";

/** Provides what a sender has sent. */
export class SentModules implements ModuleProvider {
  readonly #files: NatsFiles;
  readonly #archive: string;
  readonly #modules = new Map<string, SentModule>();
  readonly #packs = new Map<string, Promise<PreparedPack>>();

  /** @param archive The hash of the gate's archive. */
  constructor(
    files: NatsFiles,
    { archive, modules }: { archive: string; modules: readonly SentModule[] },
  ) {
    this.#files = files;
    this.#archive = archive;
    for (const each of modules) {
      this.#modules.set(`${each.native} ${each.asked}`, each);
    }
  }

  async archive(): ReturnType<ModuleProvider["archive"]> {
    const bytes = await this.#files.get(this.#archive);
    return { id: this.#archive, bytes, built: false };
  }

  argumentRules(): Promise<undefined> {
    return Promise.resolve(undefined); // the sender has checked the arguments
  }

  locate(module: string): ReturnType<ModuleProvider["locate"]> {
    const located = this.#modules.get(`false ${module}`)?.located;
    // JSON leaves out what is undefined.
    return Promise.resolve(
      located ? { ...located, fullName: located.fullName } : undefined,
    );
  }

  async prepare(
    module: string,
    { native = false }: { native?: boolean | undefined } = {},
  ): Promise<PreparedModule> {
    const sent = this.#modules.get(`${native} ${module}`)?.prepared;
    if (sent === undefined || sent === null) {
      throw new BuildError(
        `Cannot find the module ${module}: it was not sent`,
        {
          hint: "Run it without NATS",
        },
      );
    }
    const { name, kind, pack, secrets, unmasked } = sent;
    return {
      ...{ name, kind, secrets, unmasked },
      warnings: [],
      pack: pack === null ? null : await this.#pack(pack),
    };
  }

  #pack(id: string): Promise<PreparedPack> {
    let pack = this.#packs.get(id);
    if (pack === undefined) {
      pack = this.#files.get(id).then((bytes) => ({
        ...{ id, size: bytes.length, built: false },
        data: bytes.toBase64(),
      }));
      this.#packs.set(id, pack);
      pack.catch(() => this.#packs.delete(id));
    }
    return pack;
  }
}
