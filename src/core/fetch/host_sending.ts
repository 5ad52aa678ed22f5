// Requests files of a folder from a host, and checks that it sends exactly these.
// When another user could put a link into the path of a file, the host enters the
// file's folder first. Such files arrive in groups, one for each folder, each after
// a block with the number of the group.
import { CallError } from "../../errors.ts";
import { othersTurn } from "../../async/timer.ts";
import type { RemoteEntry } from "./host_listing.ts";
import { encodeNames, withNames } from "../remote/host_script.ts";
import { goTo } from "../remote/host_walk.ts";
import { batches, word } from "../remote/shell_names.ts";
import type { TarFile } from "../tar/tar_reader.ts";

/** How many names are joined before other hosts have their turn. */
const TURN = 1000;

/** The files that are requested from a host. */
export class Sending {
  /** The script for the host. */
  readonly script: string;
  readonly input: Uint8Array;
  readonly #missing: Map<string, RemoteEntry>;
  /** The folder of each group: the start of the names of its files. */
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

  /** Joins what is sent to a host: for many files in several turns. */
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

  /** The names of the files that have not arrived. */
  get missing(): string[] {
    return [...this.#missing.keys()];
  }

  /**
   * Finds the entry of a file that arrives.
   *
   * @throws {CallError} when it was not requested, or has arrived before.
   */
  take(file: Pick<TarFile, "name" | "group">): RemoteEntry {
    const entry = this.#missing.get(this.nameOf(file) ?? "");
    if (entry === undefined) {
      throw new CallError(
        `Cannot accept the host's archive: ${
          JSON.stringify(file.name)
        } was not requested`,
      );
    }
    this.#missing.delete(entry.name);
    return entry;
  }

  /** The name of a file below the fetched folder. */
  nameOf({ name, group }: Pick<TarFile, "name" | "group">): string | undefined {
    if (group === undefined) return name;
    const folder = this.#folders[group];
    return folder === undefined ? undefined : folder + name.slice(1);
  }
}
