// JSON from a peer that is not trusted: nested only so deep that whatever
// walks the value later may recurse. The depth is known before it is parsed.
import type { Json } from "./message.ts";

/** How deep JSON may be nested on a channel (docs/protocol.md, Frames). */
export const MAX_DEPTH = 200;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Parses JSON that is nested at most `maxDepth` deep. Default: 200.
 *
 * A key `__proto__` becomes a plain member. The error quotes nothing of the
 * text, which may hold secrets.
 *
 * @throws {SyntaxError} when the text is not JSON, or is deeper.
 */
export function parseJson(
  text: string,
  options: { maxDepth?: number } = {},
): Json {
  const { maxDepth = MAX_DEPTH } = options;
  if (hasMoreBrackets(text, maxDepth) && isDeeper(text, maxDepth)) {
    throw new SyntaxError(
      `Cannot read JSON: it is nested more than ${maxDepth} deep`,
    );
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

/** Says whether brackets outside strings are nested more than `limit` deep. */
function isDeeper(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) {
      inString = true;
    } else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      if (++depth > limit) return true;
    } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) {
      depth--;
    }
  }
  return false;
}
