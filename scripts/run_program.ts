// How the programs of tasks start and end: with --help they print their usage; what
// they cannot use is an error with the usage, and status 2.
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
  answerHelp(usage);
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    refuse(error.message, usage);
  }
}

/** Ends a program that takes no arguments, when it has some. */
export function takeNoArguments(usage: string): void {
  answerHelp(usage);
  const [argument] = Deno.args;
  if (argument !== undefined) refuse(`Cannot use ${argument}`, usage);
}

/** Words as indented lines of a usage. */
export function inLines(words: readonly string[]): string {
  return words.join(", ").replace(/(.{1,77}(?:,|$)) ?/g, "  $1\n").trimEnd();
}

function answerHelp(usage: string): void {
  if (!Deno.args.includes("--help") && !Deno.args.includes("-h")) return;
  console.log(usage);
  Deno.exit(0);
}

function refuse(message: string, usage: string): never {
  console.error(`${message}\n\n${usage}`);
  Deno.exit(2);
}
