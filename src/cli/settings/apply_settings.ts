// Gives a command the settings of the file, below its command line and its
// environment, and knows where each value came from.
import type { Command, Option } from "commander";
import type { Context } from "../commands/context.ts";
import { UsageError, warningText } from "../process/exit_code.ts";
import type { CallOptionValues, OutputOptions } from "../options/options.ts";
import { OPTIONS_OF_WORKERS } from "../options/options_of_workers.ts";
import { repeatable } from "../options/option_values.ts";
import { type CheckedSetting, checkSettings } from "./known_settings.ts";
import { findSettings } from "./find_settings.ts";
import { readSettingsFile } from "./settings_file.ts";

/** The settings that were checked, by command; for `ftl config`. */
const applied = new WeakMap<Command, readonly CheckedSetting[]>();

/**
 * Repeatable options that the command line replaces: hosts of the file must not
 * join those that were named, nor keys that were not.
 */
const REPLACED: readonly string[] = ["inventory", "known-hosts"];

/** Of these, later values win. */
const LATER_WINS: readonly string[] = ["extra-vars", "env"];

/** Options that decide whether others can be used. */
type Others =
  & OutputOptions
  & CallOptionValues
  & { background?: number; nats?: string };

/** Options that are wrong beside some others, or without them. */
const NEEDS: Readonly<Record<string, (options: Others) => boolean>> = {
  background: ({ check, stream }) => !check && !stream,
  poll: ({ background }) => background !== undefined,
  columns: ({ format }) => format === "table",
  diffHosts: ({ format = "text" }) => format === "text",
  outputFormat: ({ output }) => output !== undefined,
};

/**
 * Sets the options of a command that the file sets and the command line and the
 * environment do not. Values of repeatable options are added to those of the
 * command line. Values of the file and the environment that would be wrong beside
 * the other options are dropped.
 *
 * @throws {UsageError} when the file cannot be used.
 */
export async function applySettings(
  command: Command,
  context: Context,
): Promise<void> {
  try {
    await applyFile(command, context);
    dropUseless(command);
    becomeIfNamed(command);
  } catch (error) {
    // The doctor reports a file that cannot be used among its checks.
    if (command.name() !== "doctor" || !(error instanceof UsageError)) {
      throw error;
    }
  }
}

async function applyFile(command: Command, context: Context): Promise<void> {
  const { path, warnings } = findSettings((name) => context.env(name));
  for (const warning of warnings) context.err(warningText(warning));
  if (path === undefined) return;
  const settings = checkSettings(await readSettingsFile(path));
  applied.set(command, settings);
  for (const setting of settings) apply(command, setting, context);
}

/** An option that lacks its other one is wrong only on the command line. */
function dropUseless(command: Command): void {
  for (const [key, isUseful] of Object.entries(NEEDS)) {
    const source = command.getOptionValueSource(key);
    if (source !== "config" && source !== "env") continue;
    if (isUseful(command.opts<Others>())) continue;
    command.setOptionValueWithSource(key, undefined, "default");
  }
  const isSender = command.options.some(({ long }) => long === "--detach");
  if (!isSender || command.opts<Others>().nats === undefined) return;
  for (const key of Object.keys(OPTIONS_OF_WORKERS)) {
    if (command.getOptionValueSource(key) === "cli") continue;
    command.setOptionValueWithSource(key, undefined, "default");
  }
}

/** `--become-user NAME` on the command line asks to become that user, as in sudo. */
function becomeIfNamed(command: Command): void {
  const isNamed = command.getOptionValueSource("becomeUser") === "cli";
  if (!isNamed || command.getOptionValueSource("become") === "cli") return;
  command.setOptionValueWithSource("become", true, "cli");
}

/** The settings of the file that a command was given. */
export function settingsOf(command: Command): readonly CheckedSetting[] {
  return applied.get(command) ?? [];
}

function apply(
  command: Command,
  { known: { name, row }, value }: CheckedSetting,
  context: Context,
): void {
  const option = command.options.find(({ flags }) => flags === row.flags);
  if (option === undefined || value === undefined) return;
  if (!isAllowed(option, value)) return;
  const key = option.attributeName();
  const source = command.getOptionValueSource(key);
  if (
    source === "cli" && row.parse === repeatable && !REPLACED.includes(name)
  ) {
    const given = command.getOptionValue(key) as string[];
    const ours = value as string[];
    const all = LATER_WINS.includes(name)
      ? [...ours, ...given]
      : [...given, ...ours];
    command.setOptionValueWithSource(key, all, "cli");
  } else if (
    source !== "cli" && source !== "env" && !isInEnv(option, context)
  ) {
    command.setOptionValueWithSource(key, value, "config");
  }
}

/** `--format table` of the file does not concern commands without tables. */
function isAllowed({ argChoices }: Option, value: unknown): boolean {
  return argChoices === undefined || argChoices.includes(value as string);
}

/** Flags such as FTL_BECOME, which their commands read themselves. */
function isInEnv(option: Option, context: Context): boolean {
  return !option.required && !!context.env(variableOf(option));
}

/** The environment variable of an option. */
export function variableOf(option: Option): string {
  const name = option.attributeName().replace(/[A-Z]/g, "_$&").toUpperCase();
  return option.envVar ?? `FTL_${name}`;
}
