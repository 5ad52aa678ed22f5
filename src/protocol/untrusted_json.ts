// JSON from a peer that is not trusted: nested only so deep that whatever
// walks the value later may recurse, and of so few values that it stays small.
// Both are known before it is parsed.
import { MAX_DEPTH, MAX_VALUES } from "./limits.ts";
import type { Json } from "./message.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Bounds on what is parsed. */
export interface JsonBounds {
  /** Default: `MAX_DEPTH`. */
  maxDepth?: number;
  /** Counted are opening brackets and commas. Default: `MAX_VALUES`. */
  maxValues?: number;
}

/**
 * Parses JSON of bounded depth and number of values.
 *
 * A key `__proto__` becomes a plain member. The error quotes nothing of the
 * text, which may hold secrets.
 *
 * @throws {SyntaxError} when the text is not JSON, or is beyond the bounds.
 */
export function parseUntrustedJson(
  text: string,
  bounds: JsonBounds = {},
): Json {
  const { maxDepth = MAX_DEPTH, maxValues = MAX_VALUES } = bounds;
  if (text.length > maxValues || hasMoreBrackets(text, maxDepth)) {
    checkBounds(text, { maxDepth, maxValues });
  }
  try {
    return JSON.parse(text);
  } catch {
    // The engine's message quotes the text around the fault.
    throw new SyntaxError("Cannot read JSON: the text is not JSON");
  }
}

/**
 * Says whether the text has more than `limit` opening brackets, those in
 * strings included. Most texts have fewer, and then need no closer look:
 * searching for one character is far cheaper than looking at each.
 */
function hasMoreBrackets(text: string, limit: number): boolean {
  let count = 0;
  for (const bracket of "[{") {
    let at = text.indexOf(bracket);
    while (at >= 0) {
      if (++count > limit) return true;
      at = text.indexOf(bracket, at + 1);
    }
  }
  return false;
}

/** Looks at each character outside strings, and throws beyond the bounds. */
function checkBounds(text: string, bounds: Required<JsonBounds>): void {
  const { maxDepth, maxValues } = bounds;
  let depth = 0;
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      values++;
      if (++depth > maxDepth) {
        throw new SyntaxError(
          `Cannot read JSON: it is nested more than ${maxDepth} deep`,
        );
      }
    } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) {
      depth--;
    } else if (code === COMMA) {
      values++;
    }
    if (values > maxValues) {
      throw new SyntaxError(
        `Cannot read JSON: it holds more than ${maxValues} values`,
      );
    }
  }
}

/** Where the string that begins at `start` ends: its quote, or the text's end. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at;
  }
  return text.length;
}
