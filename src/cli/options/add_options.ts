// Tables of options become options of commands, with their place in the help
// and their environment variables.
import { type Command, Option } from "commander";

/** One row: the flags as commander reads them, what help says, how to parse. */
export interface Row {
  flags: string;
  help: string;
  parse?: (value: string, previous?: unknown) => unknown;
  choices?: readonly string[];
  /** What holds when it is not given; shown in help, applied where it is used. */
  default?: string;
}

/** What commands will have, once they are asked for it. */
const later = new WeakMap<Command, () => void>();

/**
 * Adds tables of options to a command, each under a heading of the help. They
 * are made when the command is about to run: the options of all commands
 * together cost a quarter of the start.
 */
export function addOptions(
  command: Command,
  tables: Record<string, readonly Row[]>,
): void {
  later.set(command, () => {
    for (const [heading, rows] of Object.entries(tables)) {
      for (const row of rows) command.addOption(optionOf(row, heading));
    }
  });
  command.parent!.hook("preSubcommand", (_, next) => {
    if (next === command) makeOptions(command);
  });
}

/** Makes the options of a command and of all below it, for who wants to see them. */
export function makeAllOptions(command: Command): void {
  makeOptions(command);
  for (const child of command.commands) makeAllOptions(child);
}

/** The variables that stand for options of a command and of all below it. */
export function optionVariables(command: Command): string[] {
  makeAllOptions(command);
  const own = command.options.map(({ envVar }) => envVar)
    .filter((name) => name !== undefined);
  const below = command.commands.flatMap((child) =>
    optionVariables(child as Command)
  );
  return [...new Set([...own, ...below])].sort();
}

function makeOptions(command: Command): void {
  later.get(command)?.();
  later.delete(command);
}

function optionOf(row: Row, heading: string): Option {
  const shown = row.default
    ? `${row.help} (default: ${row.default})`
    : row.help;
  const option = new Option(row.flags, shown).helpGroup(heading);
  if (row.choices) option.choices([...row.choices]);
  if (row.parse) option.argParser(row.parse);
  const name = option.attributeName().replace(/[A-Z]/g, "_$&").toUpperCase();
  if (option.required) option.env(`FTL_${name}`);
  return option;
}
