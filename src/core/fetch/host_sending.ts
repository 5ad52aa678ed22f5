// What a host is asked to send of a folder, and whether it sends just that. Where
// another user could put a link in the way to a file, the file's folder is entered
// first and the file named in it; such files come in groups, one for each folder,
// each behind a block that says which.
import { CallError } from "../../errors.ts";
import { othersTurn } from "../../async/timer.ts";
import type { RemoteEntry } from "./host_listing.ts";
import { encodeNames, withNames } from "../remote/host_script.ts";
import { goTo } from "../remote/host_walk.ts";
import { batches, word } from "../remote/shell_names.ts";
import type { TarFile } from "../tar/tar_reader.ts";

/** How many names are put together in one turn. */
const TURN = 1000;

/** Files of a host that are asked for. */
export class Sending {
  /** What the host is told. */
  readonly script: string;
  readonly input: Uint8Array;
  readonly #missing: Map<string, RemoteEntry>;
  /** The folders of the groups, each as the beginning of its files' names. */
  readonly #folders: readonly string[];

  private constructor(
    wanted: readonly RemoteEntry[],
    { script, input, folders }: {
      script: string;
      input: Uint8Array;
      folders: readonly string[];
    },
  ) {
    this.#missing = new Map(wanted.map((entry) => [entry.name, entry]));
    this.script = script;
    this.input = input;
    this.#folders = folders;
  }

  /** Puts together what a host is told: for many files in several turns. */
  static async of(wanted: readonly RemoteEntry[]): Promise<Sending> {
    const folders: string[] = [];
    const plain = wanted.filter(({ isInOurs }) => isInOurs);
    const groups = Map.groupBy(
      wanted.filter(({ isInOurs }) => !isInOurs),
      ({ name }) => name.slice(0, name.lastIndexOf("/")),
    );
    const input = encodeNames(plain.map(({ name }) => name));
    const steps = plain.length === 0
      ? []
      : [`${withNames(plain.length, 'tar -c -f - -- "$@"')};`];
    let count = 0;
    for (const [folder, entries] of groups) {
      const names: string[] = [];
      for (const { parts } of entries) {
        if (++count % TURN === 0) await othersTurn();
        names.push(word(`./${parts.at(-1)}`));
      }
      for (const words of batches(names)) {
        steps.push(
          `(${goTo(entries[0]!.parts.slice(0, -1))} >&2&&` +
            `printf "%-512s" "#${folders.length} "&&` +
            `tar -c -f - -- ${words}) </dev/null;`,
        );
      }
      folders.push(folder);
    }
    return new Sending(wanted, { script: steps.join(""), input, folders });
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
