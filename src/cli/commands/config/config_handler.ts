// `ftl config`: shows the value of each option and its origin.
import type { Command } from "commander";
import { columnsText } from "../../../output/columns.ts";
import { toJsonText } from "../../../output/escape.ts";
import { isPasswordName } from "../../../core/result/mask.ts";
import {
  KNOWN_SETTINGS,
  type KnownSetting,
} from "../../settings/known_settings.ts";
import { settingsOf, variableOf } from "../../settings/apply_settings.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../../process/exit_code.ts";

interface Shown {
  readonly name: string;
  readonly value: unknown;
  /** `command line`, `FTL_USER`, `ftl.yml:3` or `default`. */
  readonly from: string;
}

/** Shows what holds for a command; resolves to the exit status. */
export function handleConfig(
  command: Command,
  context: Context,
): Promise<number> {
  const shown = KNOWN_SETTINGS.flatMap((known) =>
    showSetting(known, command, context)
  );
  if (command.getOptionValue("format") === "json") {
    context.out(
      toJsonText(shown, 2) + "\n",
    );
  } else {
    context.out(columnsText([
      ["SETTING", "VALUE", "FROM"],
      ...shown.map(({ name, value, from }) => [
        name,
        textOf(value),
        from,
      ]),
    ]));
  }
  return Promise.resolve(EXIT.ok);
}

function showSetting(
  { name, option, row }: KnownSetting,
  command: Command,
  context: Context,
): Shown[] {
  const key = option.attributeName();
  const source = command.getOptionValueSource(key);
  const setting = settingsOf(command).find(({ known }) => known.name === name);
  const value = command.getOptionValue(key);
  // The value of `--x` is true, that of `--no-x` false.
  const isOther = !option.required && typeof value === "boolean" &&
    source !== "default" && option.negate === value;
  if (isOther || value === undefined || source === "default") {
    if (!isOther && !option.required && context.env(variableOf(option))) {
      const variable = variableOf(option);
      return [{ name, value: context.env(variable), from: variable }];
    }
    return row.default === undefined
      ? []
      : [{ name, value: row.default, from: "default" }];
  }
  const shownValue = option.negate ? true : maskValue(name, value);
  const place = setting?.place ?? "the file of settings";
  const from = source === "config"
    ? place
    : source === "env"
    ? variableOf(option)
    : addsUp(value, setting?.value)
    ? `command line, ${place}`
    : "command line";
  return [{ name, value: shownValue, from }];
}

/** Whether a list has the values of the file beside those of the command line. */
function addsUp(value: unknown, ofFile: unknown): boolean {
  return Array.isArray(value) && Array.isArray(ofFile) &&
    value.length > ofFile.length &&
    ofFile.every((each) => value.includes(each));
}

/** Hides variables whose names say that they are passwords. */
function maskValue(name: string, value: unknown): unknown {
  if (name !== "extra-vars" && name !== "env") return value;
  return (value as string[]).map((text) => {
    const names = text.match(/[\w.-]+(?="?\s*[=:])/g) ?? [];
    return names.some(isPasswordName) ? `${names.join(", ")}: (hidden)` : text;
  });
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  if (typeof value !== "object" || value === null) return String(value);
  const { hosts, percent } = value as { hosts?: number; percent?: number };
  return percent === undefined ? String(hosts) : `${percent}%`;
}
