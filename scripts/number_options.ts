// Programs whose options take numbers only: `--seed 7`. With --help they print their
// usage; what they cannot use is an error with the usage, and status 2.
// deno-lint-ignore-file no-console

/** An argument that a program cannot use. */
export class UsageError extends Error {}

/** Runs a program to its end, with its status. */
export async function runProgram(
  { usage, main }: {
    usage: string;
    main: (args: readonly string[]) => Promise<number>;
  },
): Promise<never> {
  if (Deno.args.includes("--help") || Deno.args.includes("-h")) {
    console.log(usage);
    Deno.exit(0);
  }
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    Deno.exit(2);
  }
}

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
