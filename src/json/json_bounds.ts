// How much JSON of others may hold, found before it is parsed: later code recurses
// into values, and an engine gives objects with many keys much time and memory.
import { endOfString } from "./string_end.ts";

const COLON = 0x3a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Bounds on a text of JSON. */
export interface JsonBounds {
  /** How deep arrays and objects may be nested. */
  readonly maxDepth: number;
  /** Counts opening brackets and commas. */
  readonly maxValues: number;
  /** Counts different keys. Default: any number. */
  readonly maxKeys?: number;
}

/**
 * The bound that a text exceeds, as the end of a sentence; undefined if none.
 * Linear in its length, and indifferent to whether it is JSON.
 */
export function excessOf(
  text: string,
  { maxDepth, maxValues, maxKeys = Infinity }: JsonBounds,
): string | undefined {
  const keys = maxKeys === Infinity ? undefined : new Set<number>();
  let depth = 0;
  let values = 0;
  let string = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        string = at;
        at = endOfString(text, at);
        break;
      case COLON:
        if (keys && keys.add(hash(text, string, at)).size > maxKeys) {
          return `it holds more than ${maxKeys} different keys`;
        }
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        if (++depth > maxDepth) {
          return `it is nested more than ${maxDepth} levels deep`;
        }
        values++;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth--;
        break;
      case COMMA:
        values++;
    }
    if (values > maxValues) return `it holds more than ${maxValues} values`;
  }
  return undefined;
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
