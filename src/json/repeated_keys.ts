// Keys that an object of JSON has more than once. The last one counts, as in
// Python, and a warning about what people write says so.
import { endOfString } from "./string_end.ts";

/** A key that an object repeats; lines count from 1. */
export interface RepeatedKey {
  readonly key: string;
  readonly line: number;
  readonly earlierLine: number;
}

/** How many are found at most. */
const MAX_FOUND = 20;

const BRACKET_OR_QUOTE = /["{}[\]]/g;
const COLON = /[ \t\r\n]*:/y;

/**
 * Finds the first 20 in a text that is valid JSON. Takes linear time.
 */
export function repeatedKeys(text: string): RepeatedKey[] {
  const found: [key: string, at: number, earlier: number][] = [];
  const open: (Map<string, number> | undefined)[] = [];
  BRACKET_OR_QUOTE.lastIndex = 0;
  for (
    let match = BRACKET_OR_QUOTE.exec(text);
    match !== null && found.length < MAX_FOUND;
    match = BRACKET_OR_QUOTE.exec(text)
  ) {
    const at = match.index;
    if (match[0] === "{") open.push(new Map());
    else if (match[0] === "[") open.push(undefined);
    else if (match[0] !== '"') open.pop();
    else {
      const end = endOfString(text, at) + 1;
      BRACKET_OR_QUOTE.lastIndex = COLON.lastIndex = end;
      const keys = open.at(-1);
      if (keys === undefined || !COLON.test(text)) continue;
      const key = keyOf(text.slice(at, end));
      const earlier = keys.get(key);
      if (earlier !== undefined) found.push([key, at, earlier]);
      keys.set(key, at);
    }
  }
  return found.map(([key, at, earlier]) => ({
    key,
    line: lineOf(text, at),
    earlierLine: lineOf(text, earlier),
  }));
}

function keyOf(quoted: string): string {
  return quoted.includes("\\") ? JSON.parse(quoted) : quoted.slice(1, -1);
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}
