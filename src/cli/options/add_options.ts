// Turns tables of options into options of commands, each under its heading of
// the help and with its environment variable.
import { type Command, InvalidArgumentError, Option } from "commander";
import { readVariable } from "./environment.ts";
import type { VariableList } from "./variable_list.ts";

/** One option: flags in commander's syntax, help text, parser. */
export interface Row {
  flags: string;
  help: string;
  parse?: (value: string, previous?: unknown) => unknown;
  choices?: readonly string[];
  /** The default. Help shows it; the code that uses the option applies it. */
  default?: string;
  /** The environment variable. Default: FTL_<NAME>. */
  variable?: string;
  /** How the variable holds several values. Default: it holds one. */
  list?: VariableList;
}

/** Adds the options of a command, when they are needed. */
const pending = new WeakMap<Command, () => void>();

/** Commands with tables of options. */
const withTables = new WeakSet<Command>();

/** Whether a command has options of tables, which a file of settings may set. */
export function hasTables(command: Command): boolean {
  return withTables.has(command);
}

/**
 * Adds tables of options to a command, each under a heading of the help. The
 * options are made just before the command runs: making those of all commands
 * takes a quarter of the start time.
 */
export function addOptions(
  command: Command,
  tables: Record<string, readonly Row[]>,
): void {
  withTables.add(command);
  pending.set(command, () => {
    for (const [heading, rows] of Object.entries(tables)) {
      for (const row of rows) addOption(command, optionOf(row, heading), row);
    }
    addOpposites(command);
  });
  command.parent!.hook("preSubcommand", (_, next) => {
    if (next === command) makeOptions(command);
  });
}

/** Makes the options of a command and of its subcommands, for help and completion. */
export function makeAllOptions(command: Command): void {
  makeOptions(command);
  for (const child of command.commands) makeAllOptions(child);
}

/** The environment variables of the options of a command and its subcommands. */
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
  pending.get(command)?.();
  pending.delete(command);
}

/** Makes the option of a row, under a heading of the help. */
export function optionOf(row: Row, heading: string): Option {
  const shown = row.default
    ? `${row.help} (default: ${row.default})`
    : row.help;
  const option = new Option(row.flags, shown).helpGroup(heading);
  if (row.choices !== undefined) option.choices([...row.choices]);
  else if (option.required) option.argParser(notEmpty(row.parse));
  else if (row.parse) option.argParser(row.parse);
  return option;
}

/** No option has a use for an empty value: a variable of a script was not set. */
function notEmpty(parse: Row["parse"] = (value) => value) {
  return (value: string, previous: unknown) => {
    if (value === "") throw new InvalidArgumentError("It is empty");
    return parse(value, previous);
  };
}

/**
 * Gives each flag `--x` the flag `--no-x`, and `--no-x` the flag `--x`: a file of
 * settings can turn it on. Help does not list them.
 */
function addOpposites(command: Command): void {
  const names = new Set(command.options.map(({ long }) => long));
  for (const { long, required } of [...command.options]) {
    if (required || !long || long === "--help") continue;
    const name = long.startsWith("--no-")
      ? `--${long.slice("--no-".length)}`
      : `--no-${long.slice(2)}`;
    if (names.has(name)) continue;
    const opposite = new Option(name).hideHelp();
    // `-v` counts.
    command.addOption(long === "--verbose" ? opposite.preset(0) : opposite);
  }
}

function addOption(command: Command, option: Option, row: Row): void {
  command.addOption(option);
  if (!option.required) return;
  const name = option.attributeName().replace(/[A-Z]/g, "_$&").toUpperCase();
  // After it was added: the command's own reader takes one value only.
  option.env(row.variable ?? `FTL_${name}`);
  readVariable(command, option, row.list);
}
