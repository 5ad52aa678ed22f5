// Parses JSON without changing a number, and the numbers that Python's `json` writes
// and JSON lacks: NaN, Infinity, -Infinity. Takes linear time; a text whose numbers
// all survive costs one search more than JSON.parse.
import { ExactNumber, numberOf } from "./exact_number.ts";
import { endOfString } from "./string_end.ts";

/**
 * Finds each number that JavaScript may write differently, and some others: 16
 * digits and more, exponents, a zero at the end of a fraction or six at its
 * start, -0, and those that JSON lacks.
 */
const CANDIDATE =
  /(?:^|[[,:\s])(?:-0|NaN|-?(?:Infinity|[\d.]{16}|\d+(?:\.\d+)?[eE]|\d+\.\d*0(?!\d)|0\.0{6}))/g;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|NaN|-?Infinity/y;

/** What may follow a value. */
const AFTER = /[ \t\r\n]*(?:[,\]}]|$)/y;

/** Starts the strings that stand for exact numbers; no text can contain it. */
const MARK = crypto.randomUUID();

/**
 * Parses JSON; a number that JavaScript would change, or that JSON lacks, becomes
 * an `ExactNumber`.
 *
 * @throws {SyntaxError} when the text is not JSON.
 */
export function parseExact(text: string): unknown {
  const marked = markNumbers(text);
  if (marked === undefined) return JSON.parse(text);
  let value: unknown;
  try {
    value = JSON.parse(marked);
  } catch {
    return JSON.parse(text); // for the error that fits the text
  }
  return unmark(value);
}

/** The text with strings in place of exact numbers; undefined if it has none. */
function markNumbers(text: string): string | undefined {
  const pieces: string[] = [];
  let copied = 0;
  let quote: number | undefined; // of the next string; -1 after the last one
  let match = findFrom(text, 0);
  while (match !== null) {
    quote ??= text.indexOf('"');
    if (quote >= 0 && quote <= match.index) {
      const end = endOfString(text, quote) + 1;
      if (end > text.length) break;
      quote = text.indexOf('"', end);
      if (match.index < end) match = findFrom(text, end);
      continue;
    }
    const start = match.index + (/^[-\dIN]/.test(match[0]) ? 0 : 1);
    const number = numberAt(text, start);
    if (number !== "" && typeof numberOf(number) !== "number") {
      pieces.push(text.slice(copied, start), `"${MARK}${number}"`);
      copied = start + number.length;
    }
    match = findFrom(text, start + Math.max(1, number.length));
  }
  if (copied === 0) return undefined;
  return pieces.join("") + text.slice(copied);
}

function findFrom(text: string, at: number): RegExpExecArray | null {
  CANDIDATE.lastIndex = at;
  return CANDIDATE.exec(text);
}

/** The number that starts here and is a value; "" for anything else. */
function numberAt(text: string, at: number): string {
  NUMBER.lastIndex = at;
  const number = NUMBER.exec(text)?.[0] ?? "";
  AFTER.lastIndex = at + number.length;
  return AFTER.test(text) ? number : "";
}

/** Replaces the strings of `markNumbers()` in a parsed value, in place. */
function unmark(root: unknown): unknown {
  const box = [root];
  const open: object[] = [box];
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    const members = each as Record<string, unknown>;
    for (const key of Object.keys(each)) {
      const value = members[key];
      if (typeof value === "object" && value !== null) open.push(value);
      else if (typeof value === "string" && value.startsWith(MARK)) {
        members[key] = new ExactNumber(value.slice(MARK.length));
      }
    }
  }
  return box[0];
}
