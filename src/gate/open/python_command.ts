// Chooses the Python that a gate runs on: the words of `ansible_python_interpreter`,
// or a list of interpreters to try. Their text goes between the single quotes of a
// login shell's command, so it has no quote, backslash, "!" or newline.
import { GateError } from "../../errors.ts";
import { splitIniWords } from "../../inventory/format/ini_words.ts";

/** The interpreters to try. The distribution's comes first: it has the bindings to
 * the distribution's packages. */
export const PYTHONS: readonly string[] = [
  "/usr/bin/python3",
  "/usr/libexec/platform-python",
  "python3",
  ...Array.from({ length: 8 }, (_, i) => `python3.${13 - i}`),
];

/** What `sh` takes literally without quotes, and spaces, which are replaced. */
const LITERAL = /^[\w./+~=:@%, -]+$/;

/** How a space is written in the command; see `execPython`. */
const BLANK = "${s}";

/** As written, so that the command is at most 1 KiB. */
const MAX_LENGTH = 255;

/**
 * The words of each Python to try for a setting, in turn. A setting with spaces
 * is a path, if there is such a program, or else a program and its options, as
 * `/usr/bin/env python3`; quotes decide.
 *
 * @throws {GateError} when the setting cannot be used.
 */
export function pythonsToTry(
  python: string | undefined,
): readonly (readonly string[])[] {
  const asked = python?.trim();
  if (asked === undefined || isAutomatic(asked)) {
    return PYTHONS.map((path) => [path]);
  }
  const text = asked.replace(/^\$(?:HOME|\{HOME\})(?=\/)/, "~");
  const words = wordsOf(text);
  const mayBePath = words.length > 1 && /^[~/]/.test(text) &&
    words.join(" ") === text;
  return mayBePath ? [[text], words] : [words];
}

/** Whether a setting leaves the choice to us: `auto`, `auto_silent`… */
export function isAutomatic(python: string): boolean {
  return /^(?:auto(?:_\w+)?)?$/.test(python.trim());
}

/**
 * Text for `sh` that runs the first Python that it finds with the words `rest`,
 * in place of the shell, and continues without one. IFS must be empty and
 * patterns off (`set -f`): nothing can be quoted here.
 *
 * @param probe a program that a Python must run first, with `${s}` for a space;
 *   default: none
 */
export function execPython(
  pythons: readonly (readonly string[])[],
  rest: string,
  probe = "",
): string {
  // Some shells find a file that may not be executed, and end when `exec` fails.
  const isFound =
    "case $1 in */*)[ -x $1 ];;*)command -v $1 >/dev/null 2>&1;;esac&&";
  const space = "s=$(printf %1s);";
  const isOfUse = (words: string) =>
    probe === "" ? "" : `${words} -Sc ${probe} </dev/null >/dev/null 2>&1&&`;
  if (
    pythons.every((words) => words.length === 1 && !words[0]!.includes(" "))
  ) {
    return `${probe === "" ? "" : space}for p in ${pythons.join(" ")};do ` +
      `${isFound.replaceAll("$1", "$p")}${isOfUse("$p")}exec $p ${rest};done;`;
  }
  const attempts = pythons.map((words) =>
    `f ${words.map((word) => word.replaceAll(" ", BLANK)).join(" ")};`
  );
  return `${space}f(){ ${isFound}${isOfUse("$@")}exec $@ ${rest};};` +
    attempts.join("");
}

function wordsOf(text: string): string[] {
  const refuse = (why: string, cause?: unknown) =>
    new GateError(
      `Cannot use the Python interpreter ${JSON.stringify(text)}: ${why}`,
      { phase: "python", hint: "Correct ansible_python_interpreter", cause },
    );
  let words: string[];
  try {
    words = splitIniWords(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw refuse(error.message, error);
  }
  if (text.replaceAll(" ", BLANK).length > MAX_LENGTH) {
    throw refuse("it is too long");
  }
  const strange = words.find((word) => !LITERAL.test(word));
  if (strange !== undefined) {
    throw refuse(
      strange === ""
        ? "it has an empty word"
        : `${JSON.stringify(strange)} has a character that a shell reads`,
    );
  }
  if (!/^[\w./+~]/.test(words[0]!)) {
    throw refuse("it does not start with a path");
  }
  return words;
}
