// Options of programs that take whole numbers only: `--seed 7`.

/**
 * Reads options; each has a default.
 *
 * @throws {RangeError} at an unknown option, or one without a number.
 */
export function readNumbers<Names extends string>(
  args: readonly string[],
  defaults: Readonly<Record<Names, number>>,
): Record<Names, number> {
  const values: Record<string, number> = { ...defaults };
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i]!.replace(/^--/, "");
    const value = Number(args[i + 1]);
    if (!Object.hasOwn(values, name) || !(value >= 0)) {
      const known = Object.keys(defaults).map((each) => `--${each} N`);
      throw new RangeError(
        `Cannot use ${args[i]} ${args[i + 1] ?? ""}: use ${known.join(", ")}`,
      );
    }
    values[name] = value;
  }
  return values as Record<Names, number>;
}
