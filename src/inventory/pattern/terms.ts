// The syntax of patterns: splits `web:&dc1:!web[3]` into terms, in time that
// grows with the pattern's length. pattern.ts decides what a term means.
import { InventoryError } from "../../errors.ts";
import { isIpv6 } from "../format/address.ts";

/** One part of a pattern. */
export interface Term {
  /** `&` keeps only hosts that match, `!` removes them, "" adds them. */
  readonly modifier: "" | "&" | "!";
  readonly text: string;
}

/**
 * Splits a pattern at `,` and `:`. Neither separates inside brackets, inside an
 * `{expression}`, or inside the parentheses and braces of a `~regex`. `:` does not separate inside an
 * existing name or an IPv6 address that ends at a comma or at the end of the
 * pattern, between `@last` and the word after it,
 * or between `@RUN` and a status.
 *
 * @param isName Whether a host or a group has this name.
 * @throws {InventoryError} when a bracket of a `~regex` or a brace is not closed.
 */
export function splitPattern(
  pattern: string,
  isName: (name: string) => boolean,
): Term[] {
  const terms: Term[] = [];
  let start = 0;
  let piece: Term[] = [];
  let regex: boolean | undefined;
  const endTerm = (end: number) => {
    const term = toTerm(pattern.slice(start, end));
    if (term.text !== "") piece.push(term);
    start = end + 1;
    regex = undefined;
  };
  let pieceStart = 0;
  // In a glob, a bracket that is never closed is just text.
  const lastClose = pattern.lastIndexOf("]");
  const endPiece = (end: number) => {
    endTerm(end);
    const whole = toTerm(pattern.slice(pieceStart, end));
    const isOne = isName(whole.text) || isIpv6(whole.text);
    for (const term of isOne ? [whole] : piece) terms.push(term);
    piece = [];
    pieceStart = end + 1;
  };
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    regex ??= isRegex(pattern, start);
    if (char === ",") endPiece(i);
    else if (char === ":") {
      if (!isLastReference(pattern, start, i)) endTerm(i);
    } else if (char === "{" && isExpression(pattern, start, i)) {
      i = endOfExpression(pattern, i);
    } else if (regex) {
      i = skipInRegex(pattern, i);
    } else if (char === "[" && i < lastClose) {
      i = pattern.indexOf("]", i);
    }
  }
  endPiece(pattern.length);
  return terms;
}

/** Whether a brace opens an expression: nothing of its term precedes it. */
function isExpression(pattern: string, start: number, brace: number): boolean {
  return /^\s*[&!]?\s*$/.test(pattern.slice(start, brace));
}

/** The index of the brace that closes the one at `start`; text may hold braces. */
function endOfExpression(pattern: string, start: number): number {
  let depth = 0;
  for (let i = start; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    if (char === '"' || char === "'") {
      i = endOfText(pattern, i);
      if (i < 0) break;
    } else if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return i;
  }
  throw unclosed(pattern, "{");
}

/** The index of the quote that ends the text after the one at `start`; -1 if none. */
function endOfText(pattern: string, start: number): number {
  for (let i = start + 1; i < pattern.length; i++) {
    if (pattern.charAt(i) === "\\") i++;
    else if (pattern.charAt(i) === pattern.charAt(start)) return i;
  }
  return -1;
}

function toTerm(text: string): Term {
  const trimmed = text.trim();
  const modifier = trimmed.charAt(0);
  return modifier === "&" || modifier === "!"
    ? { modifier, text: trimmed.slice(1).trim() }
    : { modifier: "", text: trimmed };
}

function isLastReference(
  pattern: string,
  start: number,
  colon: number,
): boolean {
  const name = /^\s*[&!]?@(last|[0-9a-f]{4,8})$/
    .exec(pattern.slice(start, colon))?.[1];
  const after = pattern.slice(colon + 1);
  return name === "last" ? /^[a-z]/.test(after) : name !== undefined &&
    /^(?:ok|changed|skipped|failed|timed_out|unreachable|cancelled)\b/
      .test(after);
}

/** Whether the term that starts at `start` is a regular expression. */
function isRegex(pattern: string, start: number): boolean {
  TILDE.lastIndex = start;
  return TILDE.test(pattern);
}

const TILDE = /\s*[&!]?~/y;

const CLOSERS: Readonly<Record<string, string>> = { "(": ")", "{": "}" };

/**
 * Returns the index of the last character that belongs with the one at `start`:
 * what a backslash escapes, or the bracket that closes it.
 */
function skipInRegex(pattern: string, start: number): number {
  const closers: string[] = [];
  for (let i = start; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    if (char === "\\") i++;
    else if (char === "[") i = endOfClass(pattern, i);
    else if (char === closers.at(-1)) closers.pop();
    else if (CLOSERS[char] !== undefined) closers.push(CLOSERS[char]);
    if (closers.length === 0) return i;
  }
  throw unclosed(pattern, pattern.charAt(start));
}

function endOfClass(pattern: string, start: number): number {
  for (let i = start + 1; i < pattern.length; i++) {
    if (pattern.charAt(i) === "\\") i++;
    else if (pattern.charAt(i) === "]") return i;
  }
  throw unclosed(pattern, "[");
}

/** The start of a pattern, for an error. */
export function shownTerm(pattern: string): string {
  return pattern.length > 200 ? `${pattern.slice(0, 200)}…` : pattern;
}

function unclosed(pattern: string, bracket: string): InventoryError {
  return new InventoryError(
    `Cannot choose hosts by ${shownTerm(pattern)}: a ${bracket} is not closed`,
    {
      hint: bracket === "{" && !pattern.includes("~")
        ? "Close the expression with }, and texts in it with their quote"
        : `Write \\${bracket} for the character itself`,
    },
  );
}
