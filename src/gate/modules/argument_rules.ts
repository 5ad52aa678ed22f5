// Which arguments a module takes, found without running it: the argument spec in
// its source, then its documentation, then the utils that it imports. Each of these
// is read only when the ones before it do not name an argument, and the parsers are
// loaded only then: the specs of modules that were called before are in the store.
import type { SourceFile } from "../sources/build_inputs.ts";
import type { Library, ModuleSources } from "../sources/library.ts";
import type { ArgumentSpec, SpecEntry } from "./argument_spec.ts";
import type { ModuleFile, ReadableModule } from "./module_lookup.ts";

/** A module, or the documentation of an action. */
type Described = ModuleFile | ReadableModule;

/** The part of the store that keeps argument specs. */
export interface SpecStore {
  readIndex(key: string): Promise<unknown>;
  writeIndex(key: string, value: unknown): Promise<void>;
}

// Must change whenever `readArgumentSpec` returns something else for the same text.
const VERSION = 2;

/** Utils of ansible-core that add no parameters but those of every module. */
const PLAIN_UTIL =
  /^ansible\/(?:module_utils\/(?:basic|_text|common|compat|six|parsing|_internal)\b|[^/]*$)/;

/** Arguments that a module does not take, and those that it takes. */
export interface UnknownArguments {
  readonly unknown: readonly string[];
  /** Names and aliases, for suggestions. */
  readonly known: readonly string[];
}

const NONE: UnknownArguments = { unknown: [], known: [] };
/** The spec of a file that is only the documentation of an action. */
const UNKNOWN: ArgumentSpec = { entries: null, mentioned: [] };

/** The rules for the arguments of one module. */
export class ArgumentRules {
  readonly #file: Described;
  readonly #sources: ModuleSources;
  readonly #spec: ArgumentSpec;

  private constructor(
    file: Described,
    { sources, spec }: { sources: ModuleSources; spec: ArgumentSpec },
  ) {
    this.#file = file;
    this.#sources = sources;
    this.#spec = spec;
  }

  /** The rules for a module; undefined when it reads its arguments by itself. */
  static async of(
    file: Described,
    { sources, store }: { sources: ModuleSources; store?: SpecStore },
  ): Promise<ArgumentRules | undefined> {
    if (file.kind === "action") {
      return new ArgumentRules(file, { sources, spec: UNKNOWN });
    }
    if (file.kind !== "new") return undefined;
    try {
      const spec = await readSpec(file, store);
      return new ArgumentRules(file, { sources, spec });
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  /** The spec by parameter names; undefined when the source computes it. */
  get entries(): Readonly<Record<string, SpecEntry>> | undefined {
    return this.#spec.entries ?? undefined;
  }

  /**
   * Finds the names that the module certainly does not take.
   *
   * @param options `isAction`: an action takes the arguments, and may know more.
   */
  async findUnknown(
    names: readonly string[],
    { isAction }: { isAction: boolean },
  ): Promise<UnknownArguments> {
    const { entries, mentioned } = this.#spec;
    const own = Object.entries(entries ?? {})
      .flatMap(([name, { aliases }]) => [name, ...aliases])
      .filter((name) => !name.startsWith("_"));
    const ofSource = new Set(entries === null ? mentioned : own);
    const unnamed = names.filter((name) => !ofSource.has(name));
    if (unnamed.length === 0) return NONE;
    if (entries !== null && !isAction) return { unknown: unnamed, known: own };
    const documented = await this.#documented();
    if (documented === undefined) return NONE;
    const known = [...new Set([...own, ...documented])];
    let unknown = unnamed.filter((name) => !known.includes(name));
    if (unknown.length > 0 && entries === null) {
      const ofUtils = await this.#mentionedByUtils();
      unknown = unknown.filter((name) => !ofUtils.has(name));
    }
    return { unknown, known };
  }

  /** The names in its documentation; undefined when they cannot be known. */
  async #documented(): Promise<string[] | undefined> {
    const { readParameters } = await import("./module_documentation.ts");
    try {
      const library = await this.#library();
      const parameters = await readParameters(library, this.#file.bytes) ?? [];
      if (parameters.length === 0) return undefined;
      return parameters.flatMap(({ name, aliases }) => [name, ...aliases]);
    } catch (error) {
      if (error instanceof SyntaxError) return undefined; // it is not YAML
      throw error;
    }
  }

  /** The names that the utils which it imports may declare. */
  async #mentionedByUtils(): Promise<Set<string>> {
    const { ImportFacts } = await import("../imports/import_facts.ts");
    const { ImportGraph, reachable } = await import(
      "../imports/import_closure.ts"
    );
    const { path, bytes, sha256, entry } = this.#file;
    const facts = await ImportFacts.open(undefined, "");
    const graph = new ImportGraph(await this.#library(), facts);
    const top = await graph.module(entry, { path, bytes, sha256 });
    const names = new Set<string>();
    for (const { entry: util, file } of reachable([top])) {
      if (util === entry || PLAIN_UTIL.test(util)) continue;
      for (const name of await mentionedIn(file)) names.add(name);
    }
    return names;
  }

  async #library(): Promise<Library> {
    const { openLibrary, resolveSources } = await import(
      "../sources/library.ts"
    );
    const { Reader } = await import("../sources/build_inputs.ts");
    const files = [this.#file.path];
    const sources = resolveSources({ ...this.#sources, files });
    return await openLibrary(sources, new Reader());
  }
}

async function mentionedIn(file: SourceFile): Promise<readonly string[]> {
  try {
    return (await parse(file.bytes)).mentioned;
  } catch (error) {
    if (error instanceof SyntaxError) return []; // the host's Python reports it
    throw error;
  }
}

/** The spec of a source, from the store or from parsing. */
async function readSpec(
  { bytes, sha256 }: Described,
  store: SpecStore | undefined,
): Promise<ArgumentSpec> {
  const key = `arguments-${sha256}`;
  const stored = await store?.readIndex(key) as
    | { version: number; spec: ArgumentSpec }
    | undefined;
  if (stored?.version === VERSION) return stored.spec;
  const spec = await parse(bytes);
  // Without it the next call parses the module again, for example on a full disk.
  await store?.writeIndex(key, { version: VERSION, spec }).catch(() => {});
  return spec;
}

async function parse(bytes: Uint8Array): Promise<ArgumentSpec> {
  const { readArgumentSpec } = await import("./argument_spec.ts");
  const { decodePython } = await import("../imports/python_text.ts");
  return readArgumentSpec(decodePython(bytes));
}
