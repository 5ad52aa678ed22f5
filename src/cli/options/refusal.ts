// Words errors of commander like those of ftl: what could not be done, a colon, the
// state it met, and hints on lines of their own.
import { hintForOption, hintForWord } from "./habits.ts";

/** What is wrong with a value, and what to do. */
export interface ValueProblem {
  /** The end of a sentence: `it is not a whole number above 0`. */
  readonly problem: string;
  readonly hint?: string;
}

/** Splits the message of an option's parser: the problem, and the hints after it. */
export function valueProblem(message: string): ValueProblem {
  const [first = "", ...rest] = message.replace(/\.$/, "").split(". ");
  const [, choices] = /^Allowed choices are ([^]*)$/.exec(first) ?? [];
  if (choices !== undefined) {
    return { problem: "it is not a known value", hint: `Use ${any(choices)}` };
  }
  return {
    problem: first.charAt(0).toLowerCase() + first.slice(1),
    ...(rest.length > 0 && { hint: rest.join(". ") }),
  };
}

/** `a, b, c` as `a, b or c`. */
function any(list: string): string {
  return list.replace(/, ([^,]*)$/, " or $1");
}

/** Lines of an error, the first one without `ftl: `. */
type Wording = (...parts: string[]) => readonly (string | undefined)[];

const value = (what: string, message: string) => {
  const { problem, hint } = valueProblem(message);
  return [`Cannot use ${what}: ${problem}`, hint];
};

/** The long name in flags such as `-l, --limit <pattern>`. */
const nameOf = (flags: string) => /--[\w-]+/.exec(flags)?.[0] ?? flags;

/** Errors of commander 15 (lib/command.js). */
const WORDINGS: readonly (readonly [RegExp, Wording])[] = [
  [
    /^option '(.+?)' argument '([^]*)' is invalid\. ([^]*)$/,
    (flags, text, message) =>
      value(`${nameOf(flags!)} ${text}`.trimEnd(), message!),
  ],
  [
    /^option '.+?' value '([^]*)' from env '(\w+)' is invalid\. ([^]*)$/,
    (text, name, message) => value(`${name}=${text}`, message!),
  ],
  [
    /^option '(.+)' argument missing$/,
    (flags) => {
      const name = nameOf(flags!);
      const [, kind = "value"] = /<(.+)>/.exec(flags!) ?? [];
      return [
        `Cannot use ${name}: no value follows it`,
        `Write ${name} ${kind.toUpperCase()}`,
      ];
    },
  ],
  [
    /^command-argument value '([^]*)' is invalid for argument '(.*?)'\. ([^]*)$/,
    (text, name, message) => [
      `Unknown ${name} '${text}'`,
      valueProblem(message!).hint,
    ],
  ],
  [
    /^missing required argument '(.*)'$/,
    (name) => [`The operand ${name!.toUpperCase()} is missing`],
  ],
  [
    /^too many arguments for '(.*?)'\. Expected (\d+) arguments? but got (\d+): ([^]*)\.$/,
    (name, expected, count, list) => {
      const takes = expected === "0"
        ? "takes no operands"
        : `takes ${expected} operand${
          expected === "1" ? "" : "s"
        }, not ${count}`;
      return [
        `Cannot use ${list}: ${name} ${takes}`,
        name === "push"
          ? "To push several files, push a folder that has them"
          : undefined,
      ];
    },
  ],
];

/** Rewrites an error of commander in the form of ftl's own errors and hints. */
export function inHouseStyle(text: string, argv: readonly string[]): string {
  const [, error] = /^error: ([^]*?)\n?$/.exec(text) ?? [];
  if (error === undefined) return text;
  for (const [pattern, wording] of WORDINGS) {
    const [match, ...parts] = pattern.exec(error) ?? [];
    if (match === undefined) continue;
    const lines = wording(...parts).filter((line) => line !== undefined);
    return `ftl: ${lines.join("\n     ")}\n`;
  }
  const [first = "", ...rest] = error.split("\n");
  const guess = rest.join("\n").replace(/^\((Did you mean [^\n]*\?)\)/, "$1");
  const hint = habitHint(error, argv) ?? (guess || undefined);
  return `ftl: ${first.charAt(0).toUpperCase()}${first.slice(1)}\n` +
    (hint === undefined ? "" : `     ${hint}\n`);
}

/** The hint for a habit of another program. */
function habitHint(error: string, argv: readonly string[]): string | undefined {
  const [, option] = /^unknown option '([^']*)'/.exec(error) ?? [];
  if (option !== undefined) return hintForOption(option, argv[0] ?? "");
  const [, word] = /^unknown command '([^']*)'/.exec(error) ?? [];
  // Only the first word may come from another program, not one after `gate`.
  if (word === undefined || argv[0] !== word) return undefined;
  const hint = hintForWord(word, argv.slice(1));
  const isGuess = hint?.startsWith("To run a module of this name") ?? false;
  return isGuess && /Did you mean/.test(error) ? undefined : hint;
}
