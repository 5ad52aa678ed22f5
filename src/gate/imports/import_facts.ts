// Caches the facts about Python files in the store, by the hash of each file:
// parsing takes most of the time that building a gate takes.
import type { SourceFile } from "../sources/build_inputs.ts";
import { decodePython } from "./python_text.ts";
import { type PythonFacts, readFacts } from "./python_imports.ts";

/** The part of the store that keeps facts. */
export interface FactsStore {
  readIndex(key: string): Promise<unknown>;
  writeIndex(key: string, value: unknown): Promise<void>;
}

// Must change whenever `readFacts` returns something else for the same text.
const VERSION = 3;
const MAX_KEPT = 20_000;

interface Stored {
  version: number;
  facts: Record<string, PythonFacts>;
}

/** Facts about files, from the cache or from parsing. */
export class ImportFacts {
  readonly #known: Map<string, PythonFacts>;
  #isNew = false;

  private constructor(known: Map<string, PythonFacts>) {
    this.#known = known;
  }

  /** Loads the facts that are cached under a key; without a store, none. */
  static async open(
    store: FactsStore | undefined,
    key: string,
  ): Promise<ImportFacts> {
    const stored = await store?.readIndex(key) as Stored | undefined;
    return new ImportFacts(
      new Map(stored?.version === VERSION ? Object.entries(stored.facts) : []),
    );
  }

  /**
   * The facts about a file.
   *
   * @throws {SyntaxError} as `readPython`.
   */
  of(file: SourceFile): PythonFacts {
    let facts = this.#known.get(file.sha256);
    if (facts === undefined) {
      facts = readFacts(decodePython(file.bytes));
      this.#known.set(file.sha256, facts);
      this.#isNew = true;
    }
    return facts;
  }

  /** Stores the facts, when some of them are new. */
  async save(store: FactsStore, key: string): Promise<void> {
    if (!this.#isNew) return;
    const facts = Object.fromEntries([...this.#known].slice(-MAX_KEPT));
    const stored: Stored = { version: VERSION, facts };
    await store.writeIndex(key, stored);
  }
}
