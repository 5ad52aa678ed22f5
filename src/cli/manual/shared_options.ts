// Which options several commands have alike: the manual page describes them
// once, under the heading that they have in the help.
import type { Command, Option } from "commander";

/** Options by heading, `Hosts`, those of the first command first. */
export type SharedOptions = ReadonlyMap<string, readonly Option[]>;

/** The options of one command, as the manual page tells them. */
export interface CommandOptionGroups {
  /** Those that no other command has, or has otherwise. */
  readonly own: readonly Option[];
  /** Headings, and those that it has of them; undefined: all. */
  readonly shared: readonly {
    readonly heading: string;
    readonly only: readonly Option[] | undefined;
  }[];
}

/** What help shows for options that have no heading of their own. */
const PLAIN = "Options";

/** Finds the options that two commands or more have alike. */
export function findShared(commands: readonly Command[]): SharedOptions {
  const times = new Map<string, number>();
  for (const { key } of commands.flatMap(optionsOf)) {
    times.set(key, (times.get(key) ?? 0) + 1);
  }
  const shared = new Map<string, Option[]>();
  for (const { heading, option, key } of commands.flatMap(optionsOf)) {
    if (heading === PLAIN || times.get(key)! < 2) continue;
    const options = shared.get(heading) ?? [];
    // One of the same name that means something else is not shared.
    if (options.some(({ long }) => long === option.long)) continue;
    shared.set(heading, [...options, option]);
  }
  return shared;
}

/** Tells a command's own options from those that are shared. */
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
