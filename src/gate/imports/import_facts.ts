// The facts about Python files, kept in the store under the hash of each file's
// text: parsing is what building a gate spends its time on.
import type { SourceFile } from "../sources/build_inputs.ts";
import { type PythonFacts, readFacts } from "./python_imports.ts";

/** What the facts need of the store. */
export interface FactsStore {
  readIndex(key: string): Promise<unknown>;
  writeIndex(key: string, value: unknown): Promise<void>;
}

// Changes whenever `readFacts` would say something else about the same text.
const VERSION = 2;
const MAX_KEPT = 20_000;

interface Stored {
  version: number;
  facts: Record<string, PythonFacts>;
}

/** Facts about files, known ones first. */
export class ImportFacts {
  readonly #known: Map<string, PythonFacts>;
  #isNew = false;

  private constructor(known: Map<string, PythonFacts>) {
    this.#known = known;
  }

  /** Reads what is kept under a key; without a store nothing is. */
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
   * @throws {SyntaxError} as `readTree`.
   */
  of(file: SourceFile): PythonFacts {
    let facts = this.#known.get(file.sha256);
    if (facts === undefined) {
      facts = readFacts(new TextDecoder().decode(file.bytes));
      this.#known.set(file.sha256, facts);
      this.#isNew = true;
    }
    return facts;
  }

  /** Keeps what was found out, when there is something new. */
  async save(store: FactsStore, key: string): Promise<void> {
    if (!this.#isNew) return;
    const facts = Object.fromEntries([...this.#known].slice(-MAX_KEPT));
    const stored: Stored = { version: VERSION, facts };
    await store.writeIndex(key, stored);
  }
}
