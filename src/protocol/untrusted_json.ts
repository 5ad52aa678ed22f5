// JSON from an untrusted peer. Before it is parsed, its depth is bounded, so that
// later code may recurse, and its values and keys are counted, so that it stays
// small and parses fast.
import { parseExact } from "../json/exact_json.ts";
import { excessOf, type JsonBounds } from "../json/json_bounds.ts";
import { MAX_DEPTH, MAX_VALUES } from "./limits.ts";
import type { Json } from "./message.ts";

/**
 * How many different keys JSON may have on a channel. Each gives its object a new
 * shape, so that 900 000 of them would block every other host for ten seconds;
 * repeated keys cost next to nothing.
 */
const MAX_KEYS = 100_000;

/** An object with `MAX_KEYS` keys has members such as `"abc":1,` at least. */
const SHORTEST_MEMBER = 7;

/**
 * Parses JSON of bounded depth and number of values and keys.
 *
 * The bounds are `MAX_DEPTH`, `MAX_VALUES` and `MAX_KEYS`, unless others are given.
 * A key `__proto__` becomes a plain member. Errors do not quote the text, which
 * may hold secrets.
 *
 * @throws {SyntaxError} when the text is not JSON, or exceeds a bound.
 */
export function parseUntrustedJson(
  text: string,
  bounds: Partial<JsonBounds> = {},
): Json {
  const {
    maxDepth = MAX_DEPTH,
    maxValues = MAX_VALUES,
    maxKeys = MAX_KEYS,
  } = bounds;
  const isLong = text.length > Math.min(maxValues, maxKeys * SHORTEST_MEMBER);
  if (isLong || hasMoreBrackets(text, maxDepth)) {
    const excess = excessOf(text, { maxDepth, maxValues, maxKeys });
    if (excess !== undefined) {
      throw new SyntaxError(`Cannot read JSON: ${excess}`);
    }
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
