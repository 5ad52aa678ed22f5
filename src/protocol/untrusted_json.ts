// JSON from an untrusted peer. Before it is parsed, its depth is bounded, so that
// later code may recurse, and its values and keys are counted, so that it stays
// small and parses fast.
import { parseExact } from "../json/exact_json.ts";
import { endOfString } from "../json/string_end.ts";
import { MAX_DEPTH, MAX_VALUES } from "./limits.ts";
import type { Json } from "./message.ts";

const COLON = 0x3a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * How many different keys JSON may have on a channel. Each gives its object a new
 * shape, so that 900 000 of them would block every other host for ten seconds;
 * repeated keys cost next to nothing.
 */
const MAX_KEYS = 100_000;

/** An object with `MAX_KEYS` keys has members such as `"abc":1,` at least. */
const SHORTEST_MEMBER = 7;

/** Bounds on what is parsed. */
export interface JsonBounds {
  /** Default: `MAX_DEPTH`. */
  maxDepth?: number;
  /** Counts opening brackets and commas. Default: `MAX_VALUES`. */
  maxValues?: number;
  /** Counts different keys. Default: `MAX_KEYS`. */
  maxKeys?: number;
}

/**
 * Parses JSON of bounded depth and number of values and keys.
 *
 * A key `__proto__` becomes a plain member. Errors do not quote the text, which
 * may hold secrets.
 *
 * @throws {SyntaxError} when the text is not JSON, or exceeds a bound.
 */
export function parseUntrustedJson(
  text: string,
  bounds: JsonBounds = {},
): Json {
  const {
    maxDepth = MAX_DEPTH,
    maxValues = MAX_VALUES,
    maxKeys = MAX_KEYS,
  } = bounds;
  const isLong = text.length > Math.min(maxValues, maxKeys * SHORTEST_MEMBER);
  if (isLong || hasMoreBrackets(text, maxDepth)) {
    checkBounds(text, { maxDepth, maxValues, maxKeys });
  }
  try {
    return parseExact(text) as Json;
  } catch {
    // The engine's message quotes the text around the fault.
    throw new SyntaxError("Cannot read JSON: the text is not JSON");
  }
}

/**
 * Whether the text has more than `limit` opening brackets, strings included.
 * Most texts have fewer, and then need no full scan: searching for one character
 * is far cheaper than examining each.
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

/** Examines each character outside strings, and throws when a bound is exceeded. */
function checkBounds(text: string, bounds: Required<JsonBounds>): void {
  const { maxDepth, maxValues, maxKeys } = bounds;
  const keys = new Set<number>();
  let depth = 0;
  let values = 0;
  let string = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      string = at;
      at = endOfString(text, at);
    } else if (code === COLON) {
      if (keys.add(hash(text, string, at)).size > maxKeys) {
        throw new SyntaxError(
          `Cannot read JSON: it holds more than ${maxKeys} different keys`,
        );
      }
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

/** Random, so that a peer cannot choose keys with equal hashes. */
const SEED = crypto.getRandomValues(new Uint32Array(1))[0]!;

/** Hashes a part of a string. */
function hash(text: string, start: number, end: number): number {
  let sum = SEED;
  for (let at = start; at < end; at++) {
    sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
    sum ^= sum >>> 15;
  }
  return sum;
}
