// Splits a line into words as a POSIX shell does (POSIX.1-2017, Shell Command
// Language, 2.2 Quoting), without expanding anything.

/** A word as it was written, and its text without quoting. */
export interface ShellWord {
  raw: string;
  text: string;
}

/**
 * The words of a line: separated by spaces, with `'…'`, `"…"` and `\` quoting.
 *
 * @throws {SyntaxError} when a quote is not closed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(splitWords(`a="b c" 'd e'`).map((word) => word.text), [
 *   "a=b c",
 *   "d e",
 * ]);
 * ```
 */
export function splitWords(line: string): ShellWord[] {
  const words: ShellWord[] = [];
  let text: string | undefined;
  let start = 0;
  for (let at = 0; at <= line.length; at++) {
    const char = line[at];
    if (char === undefined || /\s/.test(char)) {
      if (text !== undefined) words.push({ raw: line.slice(start, at), text });
      text = undefined;
      continue;
    }
    if (text === undefined) start = at;
    text ??= "";
    if (char === "'" || char === '"') {
      const [inner, end] = quoted(line, at);
      text += inner;
      at = end;
    } else if (char === "\\" && at + 1 < line.length) {
      text += line[++at]!;
    } else {
      text += char;
    }
  }
  return words;
}

/** A word written so that a shell, and `splitWords`, reads it as it is. */
export function quoteWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text)
    ? text
    : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The text of the quotes that open at `start`, and where they close. */
function quoted(line: string, start: number): [text: string, end: number] {
  const quote = line[start]!;
  let text = "";
  for (let at = start + 1; at < line.length; at++) {
    const char = line[at]!;
    if (char === quote) return [text, at];
    const next = line[at + 1];
    if (
      quote === '"' && char === "\\" && next !== undefined &&
      '"\\$`'.includes(next)
    ) {
      text += next;
      at++;
    } else {
      text += char;
    }
  }
  throw new SyntaxError(
    `Cannot split into words: the ${quote} in column ${
      start + 1
    } is not closed`,
  );
}
