// `ftl config`: shows the value of each option and its origin.
import type { Command } from "commander";
import { columnsText } from "../../../output/columns.ts";
import { toJsonText } from "../../../output/escape.ts";
import { isPasswordName } from "../../../inventory/password_name.ts";
import {
  KNOWN_SETTINGS,
  type KnownSetting,
} from "../../settings/known_settings.ts";
import { checkForCalls } from "../../settings/check_for_calls.ts";
import { settingsOf, variableOf } from "../../settings/apply_settings.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../../process/exit_code.ts";

interface Shown {
  readonly name: string;
  readonly value: unknown;
  /** `command line`, `FTL_USER`, `ftl.yml:3` or `default`. */
  readonly from: string;
}

/**
 * Shows what holds for a command; resolves to the exit status.
 *
 * @throws {UsageError} for a value that each call would refuse.
 */
export async function handleConfig(
  command: Command,
  context: Context,
): Promise<number> {
  const shown = KNOWN_SETTINGS.flatMap((known) =>
    showSetting(known, command, context)
  );
  for (const { name, value, from } of shown) {
    await checkForCalls({ name, value, place: from }, context.env);
  }
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
  return EXIT.ok;
}

function showSetting(
  { name, option, row }: KnownSetting,
  command: Command,
  context: Context,
): Shown[] {
  const key = option.attributeName();
  const source = command.getOptionValueSource(key);
  const value = command.getOptionValue(key);
  if (value === undefined || source === "default") {
    const variable = variableOf(option);
    if (!option.required && context.env(variable)) {
      return [{ name, value: context.env(variable), from: variable }];
    }
    return row.default === undefined
      ? []
      : [{ name, value: row.default, from: "default" }];
  }
  // Of `record` and `no-record`, the one that holds.
  const isOpposite = value === option.negate && !option.required;
  if (isOpposite && HAS_TWIN.has(key)) return [];
  const setting = settingsOf(command).find(({ known }) => known.name === name);
  const place = setting?.place ?? "the file of settings";
  const from = source === "config"
    ? place
    : source === "env"
    ? variableOf(option)
    : addsUp(value, setting?.value)
    ? `command line, ${place}`
    : "command line";
  const own = option.negate ? !value : maskValue(name, value);
  return [{ name, value: own, from }];
}

/** Options of which the file has both: `record` and `no-record`. */
const HAS_TWIN: ReadonlySet<string> = new Set(
  KNOWN_SETTINGS.map(({ option }) => option.attributeName())
    .filter((key, at, all) => all.indexOf(key) !== at),
);

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
