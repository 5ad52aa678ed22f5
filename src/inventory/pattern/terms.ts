// The syntax of patterns: from `web:&dc1:!web[3]` to terms. What a term means
// is pattern.ts' matter.
import { isIpv6 } from "../format/address.ts";

/** One part of a pattern. */
export interface Term {
  /** `&` keeps what the term matches too, `!` takes it away, "" adds it. */
  readonly modifier: "" | "&" | "!";
  readonly text: string;
}

/**
 * Splits a pattern at `,` and `:`. Neither separates inside brackets, nor
 * inside the parentheses and braces of a `~regex`; `:` does not inside a name
 * that exists or an IPv6 address that a comma or the end delimits, nor
 * between `@last` and the word after it.
 *
 * @param isName Whether a host or a group has this name.
 */
export function splitPattern(
  pattern: string,
  isName: (name: string) => boolean,
): Term[] {
  const terms: Term[] = [];
  let start = 0;
  let piece: Term[] = [];
  const endTerm = (end: number) => {
    const term = toTerm(pattern.slice(start, end));
    if (term.text !== "") piece.push(term);
    start = end + 1;
  };
  let pieceStart = 0;
  const endPiece = (end: number) => {
    endTerm(end);
    const whole = toTerm(pattern.slice(pieceStart, end));
    const isOne = isName(whole.text) || isIpv6(whole.text);
    terms.push(...(isOne ? [whole] : piece));
    piece = [];
    pieceStart = end + 1;
  };
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    if (char === ",") endPiece(i);
    else if (char === ":") {
      if (!isLastReference(pattern, start, i)) endTerm(i);
    } else {i = skipBrackets(
        pattern,
        i,
        /^\s*[&!]?~/.test(pattern.slice(start, i + 1)),
      );}
  }
  endPiece(pattern.length);
  return terms;
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
  return /^\s*[&!]?@last$/.test(pattern.slice(start, colon)) &&
    /^[a-z]/.test(pattern.slice(colon + 1));
}

const CLOSERS: Readonly<Record<string, string>> = {
  "[": "]",
  "(": ")",
  "{": "}",
};

/** Gives the index of the last character that belongs with the one at `i`. */
function skipBrackets(pattern: string, i: number, isRegex: boolean): number {
  const char = pattern.charAt(i);
  if (isRegex && char === "\\") return i + 1;
  const closer = char === "[" || (isRegex && /[({]/.test(char))
    ? CLOSERS[char]
    : undefined;
  if (closer === undefined) return i;
  for (let j = i + 1; j < pattern.length; j++) {
    if (pattern.charAt(j) === closer) return j;
    // Only a regex nests; a glob's `[[]` is a class that holds a bracket.
    if (isRegex && char !== "[") j = skipBrackets(pattern, j, true);
  }
  return i;
}
