// The options that a file of settings may hold, by name, and how their values are
// read. Every value is checked, also those that the present command does not use.
import { InvalidArgumentError, type Option } from "commander";
import { closest } from "../../inventory/suggest.ts";
import { optionOf, type Row } from "../options/add_options.ts";
import { SETTING_TABLES } from "../options/option_tables.ts";
import { commaSeparated, repeatable } from "../options/option_values.ts";
import { valueProblem } from "../options/refusal.ts";
import { UsageError } from "../process/exit_code.ts";
import {
  type FileSetting,
  resolveInFile,
  resolveSource,
  type SettingsFile,
  type SettingValue,
} from "./settings_file.ts";

/** An option that a file may set. */
export interface KnownSetting {
  readonly name: string;
  readonly row: Row;
  readonly option: Option;
}

/** A setting of the file whose value was checked. */
export interface CheckedSetting {
  readonly known: KnownSetting;
  /** What the option gets; undefined: the file leaves it as it is. */
  readonly value: unknown;
  readonly place: string;
}

/** All options that a file may set. */
export const KNOWN_SETTINGS: readonly KnownSetting[] = Object
  .values(SETTING_TABLES).flat().map((row) => {
    const option = optionOf(row, "");
    if (row.variable !== undefined) option.env(row.variable);
    return { name: option.long!.slice(2), row, option };
  });

/**
 * Checks the settings of a file.
 *
 * @throws {UsageError} at the first unknown name or wrong value.
 */
export function checkSettings(file: SettingsFile): CheckedSetting[] {
  return file.settings.map((setting) => {
    const { name, place } = setting;
    const known = KNOWN_SETTINGS.find((each) => each.name === name);
    if (known === undefined) {
      const near = closest(name, KNOWN_SETTINGS.map((each) => each.name));
      throw new UsageError(`Cannot use ${place}: unknown setting '${name}'`, {
        hint: near
          ? `Did you mean ${near}?`
          : "Use the names of the long options that `ftl config --help` lists",
      });
    }
    try {
      return { known, value: valueOf(setting, known, file.folder), place };
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      const { problem, ...hint } = valueProblem(error.message);
      throw new UsageError(`Cannot use ${place}: ${name}: ${problem}`, hint);
    }
  });
}

/** The value of an option, parsed as it would be on the command line. */
function valueOf(
  setting: FileSetting,
  { option, row }: KnownSetting,
  folder: string,
): unknown {
  if (!option.required) return flagValue(setting, option, row);
  const isRepeatable = row.parse === repeatable;
  const takesList = isRepeatable || row.parse === commaSeparated;
  if (setting.isList && !takesList) {
    throw new InvalidArgumentError("It takes one value, not a list");
  }
  const texts = setting.values.map((value) =>
    resolveValue(textOf(value, option), option, folder)
  );
  // An empty list adds nothing.
  if (texts.length === 0) return undefined;
  if (!isRepeatable) return parse(option, texts.join(","), undefined);
  return texts.reduce<unknown>(
    (all, text) => parse(option, text, all),
    undefined,
  );
}

function parse(option: Option, text: string, previous: unknown): unknown {
  return option.parseArg === undefined
    ? text
    : (option.parseArg as Row["parse"])!(text, previous);
}

function flagValue(
  { values: [value], isList }: FileSetting,
  option: Option,
  row: Row,
): unknown {
  if (row.parse !== undefined && typeof value === "number" && !isList) {
    if (Number.isInteger(value) && value >= 0) return value;
  }
  if (isList || typeof value !== "boolean") {
    throw new InvalidArgumentError("It is neither true nor false");
  }
  if (option.negate) return value ? false : undefined;
  return row.parse === undefined ? value : Number(value);
}

/** YAML reads `off` and `no` without quotes as false, `on` and `yes` as true. */
function textOf(value: SettingValue, { argChoices }: Option): string {
  if (typeof value !== "boolean") return String(value);
  const words = value ? ["on", "yes", "true"] : ["off", "no", "false"];
  const word = words.find((each) => argChoices?.includes(each));
  if (word !== undefined) return word;
  throw new InvalidArgumentError(
    `It is a text, not the boolean ${value}. Put the value in quotes`,
  );
}

function resolveValue(text: string, option: Option, folder: string): string {
  const at = (path: string) => resolveInFile(path, folder);
  const name = option.long!.slice(2);
  if (name === "inventory") return resolveSource(text, folder);
  // `@FILE` holds variables.
  if (name === "extra-vars" && text.startsWith("@")) {
    return `@${at(text.slice(1))}`;
  }
  if (!/<(?:file|dir)>/.test(option.flags)) return text;
  if (name === "ssh-config" && text === "none") return text;
  // `ID@FILE`
  const [, id = "", file] = name === "vault-password-file"
    ? /^([^/@]*@)?([^]*)$/.exec(text)!
    : [, "", text];
  return id + at(file!);
}
