// Finds archives that an earlier build made. A hit is correct because an entry
// records every file and folder that the build read and every path that did not
// exist, and its key covers all other inputs.
import { messageOf } from "../../errors.ts";
import type { Store, StoredKind } from "../../store/store.ts";
import type { Archive, ArchiveDraft } from "./archive.ts";
import { type BuildInputs, compare } from "../sources/build_inputs.ts";

/** What the index stores about an archive. */
interface Kept extends Omit<ArchiveDraft, "bytes"> {
  readonly footprint: BuildInputs;
}

const PRUNE = { maxAgeDays: 30, keep: 200 };

/** The cache entry of one archive. */
export class ArchiveCache {
  readonly #store: Store;
  readonly #kind: StoredKind;
  readonly #key: string;

  /** @param key The hash of all inputs of the archive other than files. */
  constructor(store: Store, kind: StoredKind, key: string) {
    this.#store = store;
    this.#kind = kind;
    this.#key = `archive-${key}`;
  }

  /** The cached archive; undefined when an input has changed. */
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

  /** Stores a new archive. One that cannot be stored is returned with a warning. */
  async keep(draft: ArchiveDraft, footprint: BuildInputs): Promise<Archive> {
    const { bytes, ...about } = draft;
    try {
      const path = await this.#store.put(this.#kind, draft.id, bytes);
      await this.#store.writeIndex(this.#key, { ...about, footprint });
      // A store that cannot be pruned only takes more space.
      await this.#store.prune(PRUNE).catch(() => {});
      return { ...draft, path, built: true };
    } catch (error) {
      const state = messageOf(error);
      const warnings = [...draft.warnings, `Cannot store the gate: ${state}`];
      return { ...draft, warnings, path: null, built: true };
    }
  }

  /** Records new times of files whose content is the same. */
  async #write(kept: Kept): Promise<void> {
    try {
      await this.#store.writeIndex(this.#key, kept);
    } catch {
      // The next build compares contents again.
    }
  }
}
