// Options of programs that take numbers only: `--seed 7`.
import { UsageError } from "./run_program.ts";

/**
 * Reads options; each has a default.
 *
 * @throws {UsageError} at an unknown option, or one without a number.
 */
export function readNumbers<Names extends string>(
  args: readonly string[],
  defaults: Readonly<Record<Names, number>>,
): Record<Names, number> {
  const values: Record<string, number> = { ...defaults };
  for (let i = 0; i < args.length; i += 2) {
    const [option, text] = args.slice(i, i + 2) as [string, string?];
    const name = option.replace(/^--/, "");
    if (name === option || !Object.hasOwn(values, name)) {
      const known = Object.keys(defaults).map((each) => `--${each}`);
      throw new UsageError(`Unknown option ${option}: use ${known.join(", ")}`);
    }
    const value = Number(text?.trim() || NaN);
    if (!(value >= 0)) {
      const why = text === undefined ? "it is missing" : `it is ${text}`;
      throw new UsageError(`Cannot read the number of ${option}: ${why}`);
    }
    values[name] = value;
  }
  return values as Record<Names, number>;
}
