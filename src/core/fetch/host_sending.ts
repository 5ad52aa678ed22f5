// What a host is asked to send of a folder, and whether it sends just that. Where
// another user could put a link in the way to a file, the file's folder is entered
// first and the file named in it; such files come in groups, one for each folder,
// each behind a block that says which.
import { CallError } from "../../errors.ts";
import type { RemoteEntry } from "./host_listing.ts";
import { encodeNames, withNames } from "../remote/host_script.ts";
import { goTo } from "../remote/host_walk.ts";
import { batches, word } from "../remote/shell_names.ts";
import type { TarFile } from "../tar/tar_reader.ts";

/** Files of a host that are asked for. */
export class Sending {
  /** What the host is told. */
  readonly script: string;
  readonly input: Uint8Array;
  readonly #missing: Map<string, RemoteEntry>;
  /** The folders of the groups, each as the beginning of its files' names. */
  readonly #folders: string[] = [];

  constructor(wanted: readonly RemoteEntry[]) {
    this.#missing = new Map(wanted.map((entry) => [entry.name, entry]));
    const plain = wanted.filter(({ isInOurs }) => isInOurs);
    const groups = Map.groupBy(
      wanted.filter(({ isInOurs }) => !isInOurs),
      ({ name }) => name.slice(0, name.lastIndexOf("/")),
    );
    this.input = encodeNames(plain.map(({ name }) => name));
    const steps = plain.length === 0
      ? []
      : [`${withNames(plain.length, 'tar -c -f - -- "$@"')};`];
    for (const [folder, entries] of groups) {
      const names = entries.map(({ parts }) => word(`./${parts.at(-1)}`));
      for (const words of batches(names)) {
        steps.push(
          `(${goTo(entries[0]!.parts.slice(0, -1))} >&2&&` +
            `printf "%-512s" "#${this.#folders.length} "&&` +
            `tar -c -f - -- ${words}) </dev/null;`,
        );
      }
      this.#folders.push(folder);
    }
    this.script = steps.join("");
  }

  /** The names of what has not come. */
  get missing(): string[] {
    return [...this.#missing.keys()];
  }

  /**
   * What a file that comes is.
   *
   * @throws {CallError} when it was not asked for, or has come before.
   */
  take(file: Pick<TarFile, "name" | "group">): RemoteEntry {
    const entry = this.#missing.get(this.nameOf(file) ?? "");
    if (entry === undefined) {
      throw new CallError(
        `Cannot accept what the host sends: ${
          JSON.stringify(file.name)
        } was not asked for`,
      );
    }
    this.#missing.delete(entry.name);
    return entry;
  }

  /** The name of a file below the folder that is fetched. */
  nameOf({ name, group }: Pick<TarFile, "name" | "group">): string | undefined {
    if (group === undefined) return name;
    const folder = this.#folders[group];
    return folder === undefined ? undefined : folder + name.slice(1);
  }
}
