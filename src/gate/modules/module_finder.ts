// Finds modules again and again, as a console does, and reads their files only when
// something has changed.
import { type BuildInputs, compare, Reader } from "../sources/build_inputs.ts";
import {
  type Library,
  type ModuleSources,
  openLibrary,
  resolveSources,
} from "../sources/library.ts";
import {
  findIn,
  findReadable,
  type Located,
  locateIn,
  type ModuleFile,
  type ReadableModule,
} from "./module_lookup.ts";

/**
 * Finds a module and reads it.
 *
 * @param name `ping`, `ping.py`, `./library/ping.py`, `ansible.builtin.ping`,
 * `community.general.ini_file`. A name with a `/` is a file path.
 * @param options `native`: it is a native module, whatever it looks like.
 * @throws {BuildError} when it is not found, with similar names and the folders
 * that were searched; when it cannot be read; when ftl does not run its kind.
 */
export async function findModule(
  name: string,
  options: ModuleSources & { native?: boolean },
): Promise<ModuleFile> {
  return await new ModuleFinder(options).find(name, options);
}

/**
 * Finds modules repeatedly, as a console does. Searches again only when a file
 * or folder on the way to the module has changed.
 */
export class ModuleFinder {
  readonly #sources: ModuleSources;
  readonly #found = new Map<string, { value: unknown; seen: BuildInputs }>();
  #last: { key: string; library: Library } | undefined;

  constructor(sources: ModuleSources) {
    this.#sources = sources;
  }

  /** Does what `findModule` does. */
  find(
    name: string,
    options: { native?: boolean } = {},
  ): Promise<ModuleFile> {
    const kind = options.native ? "native" : "any";
    return this.#lookUp(
      [kind, name],
      (library) => findIn(library, name, options),
    );
  }

  /** Does what `findReadable` does. */
  read(name: string): Promise<ReadableModule> {
    return this.#lookUp(
      ["read", name],
      (library) => findReadable(library, name),
    );
  }

  /**
   * Finds where a module is, without judging its content; undefined when it is
   * not found.
   *
   * @throws {BuildError} when it was removed, or cannot be read.
   */
  locate(name: string): Promise<Located | undefined> {
    return this.#lookUp(["place", name], (library) => locateIn(library, name));
  }

  /** @param asked The kind of question, and the module's name. */
  async #lookUp<T>(
    asked: readonly [what: string, name: string],
    look: (library: Library) => Promise<T>,
  ): Promise<T> {
    const files = asked[1].includes("/") ? [asked[1]] : [];
    const sources = resolveSources({ ...this.#sources, files });
    const key = JSON.stringify([asked, sources]);
    const known = this.#found.get(key);
    const state = known && await compare(known.seen);
    if (known !== undefined && state !== undefined) {
      if (state !== "same") this.#found.set(key, { ...known, seen: state });
      return known.value as T;
    }
    const library = await this.#open(asked[1], sources);
    const value = await look(library);
    this.#found.set(key, { value, seen: library.reader.footprint() });
    return value;
  }

  /** A call asks about its module three times: the files are read once. */
  async #open(name: string, sources: ModuleSources): Promise<Library> {
    const key = JSON.stringify([name, sources]);
    const last = this.#last;
    if (
      last?.key === key &&
      await compare(last.library.reader.footprint()) !== undefined
    ) return last.library;
    const library = await openLibrary(sources, new Reader());
    this.#last = { key, library };
    return library;
  }
}
