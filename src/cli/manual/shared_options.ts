// Finds the options that several commands share. The manual page lists them once,
// under their heading of the help.
import type { Command, Option } from "commander";

/** Options by heading (`Hosts`), in the order of the first command. */
export type SharedOptions = ReadonlyMap<string, readonly Option[]>;

/** The options of one command, as the manual page lists them. */
export interface CommandOptionGroups {
  /** Options that no other command has in the same form. */
  readonly own: readonly Option[];
  /** Headings, and which of their options it takes; undefined: all. */
  readonly shared: readonly {
    readonly heading: string;
    readonly only: readonly Option[] | undefined;
  }[];
}

/** The heading that help shows for options without one. */
const PLAIN = "Options";

/** Finds the options that two or more commands share. */
export function findShared(commands: readonly Command[]): SharedOptions {
  const times = new Map<string, number>();
  for (const { key } of commands.flatMap(optionsOf)) {
    times.set(key, (times.get(key) ?? 0) + 1);
  }
  const shared = new Map<string, Option[]>();
  for (const { heading, option, key } of commands.flatMap(optionsOf)) {
    if (heading === PLAIN || times.get(key)! < 2) continue;
    const options = shared.get(heading) ?? [];
    // An option of the same name with another meaning is not shared.
    if (options.some(({ long }) => long === option.long)) continue;
    shared.set(heading, [...options, option]);
  }
  return shared;
}

/** Splits a command's options into its own and the shared ones. */
export function splitOptions(
  command: Command,
  shared: SharedOptions,
): CommandOptionGroups {
  const all = optionsOf(command);
  const keys = new Set(all.map(({ key }) => key));
  const isShared = ({ heading, key }: Listed) =>
    shared.get(heading)?.some((option) => keyOf(heading, option) === key);
  return {
    own: all.filter((each) => !isShared(each)).map(({ option }) => option),
    shared: [...shared].map(([heading, options]) => {
      const had = options.filter((option) => keys.has(keyOf(heading, option)));
      return { heading, only: had.length === options.length ? undefined : had };
    }).filter(({ only }) => only?.length !== 0),
  };
}

interface Listed {
  readonly heading: string;
  readonly option: Option;
  readonly key: string;
}

function optionsOf(command: Command): Listed[] {
  return command.createHelp().visibleOptions(command)
    .filter(({ long }) => long !== "--help")
    .map((option) => {
      const heading = (option.helpGroupHeading ?? PLAIN).replace(/:$/, "");
      return { heading, option, key: keyOf(heading, option) };
    });
}

function keyOf(heading: string, { flags, description }: Option): string {
  return [heading, flags, description].join("\n");
}
