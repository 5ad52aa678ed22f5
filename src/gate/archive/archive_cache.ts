// Archives that were made before, found by what they were asked for. Sound
// because an entry holds every file and folder that the build read and every
// path that it found empty, and its key everything else that counts.
import { messageOf } from "../../errors.ts";
import type { Store, StoredKind } from "../../store/store.ts";
import type { Archive, ArchiveDraft } from "./archive.ts";
import { type BuildInputs, compare } from "../sources/build_inputs.ts";

/** What is kept beside the archive's bytes. */
interface Kept extends Omit<ArchiveDraft, "bytes"> {
  readonly footprint: BuildInputs;
}

const PRUNE = { maxAgeDays: 30, keep: 200 };

/** One archive's place in the cache. */
export class ArchiveCache {
  readonly #store: Store;
  readonly #kind: StoredKind;
  readonly #key: string;

  /** @param key The hash of all that the archive depends on but files. */
  constructor(store: Store, kind: StoredKind, key: string) {
    this.#store = store;
    this.#kind = kind;
    this.#key = `archive-${key}`;
  }

  /** The archive, when nothing that it was made of has changed. */
  async recall(): Promise<Archive | undefined> {
    const kept = await this.#store.readIndex(this.#key) as Kept | undefined;
    if (kept === undefined) return undefined;
    const now = await compare(kept.footprint);
    if (now === undefined) return undefined;
    const bytes = await this.#store.get(this.#kind, kept.id);
    if (bytes === undefined) return undefined;
    const { footprint: _, ...about } = kept;
    if (now !== "same") await this.#write({ ...about, footprint: now });
    const path = this.#store.pathOf(this.#kind, kept.id);
    return { ...about, bytes, path, built: false };
  }

  /** Keeps a new archive. One that cannot be kept is no worse for it. */
  async keep(draft: ArchiveDraft, footprint: BuildInputs): Promise<Archive> {
    const { bytes, ...about } = draft;
    try {
      const path = await this.#store.put(this.#kind, draft.id, bytes);
      await this.#store.writeIndex(this.#key, { ...about, footprint });
      // What is too much in the store costs space, not this gate.
      await this.#store.prune(PRUNE).catch(() => {});
      return { ...draft, path, built: true };
    } catch (error) {
      const state = messageOf(error);
      const warnings = [...draft.warnings, `The gate was not kept: ${state}`];
      return { ...draft, warnings, path: null, built: true };
    }
  }

  /** Notes new times of files whose content is the same. */
  async #write(kept: Kept): Promise<void> {
    try {
      await this.#store.writeIndex(this.#key, kept);
    } catch {
      // The next one compares contents again, and is right all the same.
    }
  }
}
