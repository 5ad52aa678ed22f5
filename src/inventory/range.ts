// Ranges in host names: web[01:40], web[01-03,07], [a:f], with a step such as
// [0:10:2]. A name may have several. The inverse of fold.ts.
import { InventoryError } from "../errors.ts";

/** A range that expands to more names than this is a mistake. */
const MAX_NAMES = 1_000_000;

const PIECE =
  /^(?:([0-9]*)([:-])([0-9]+)(?::([0-9]+))?|([a-zA-Z])([:-])([a-zA-Z])(?::([0-9]+))?|([0-9]+))$/;

/**
 * Whether a pattern is a name with ranges and not a glob: `web[01-40]` is, while
 * `web[12]` and `web[!1-3]` match one character each.
 */
export function holdsRange(text: string): boolean {
  if (/[*?]/.test(text)) return false;
  const insides = [...text.matchAll(/\[([^\][]*)\]/g)]
    .map(([, inside = ""]) => inside);
  return insides.some((inside) => /[-:,]/.test(inside)) &&
    insides.flatMap((inside) => inside.split(","))
      .every((piece) => PIECE.test(piece));
}

/**
 * Expands a name with ranges, in order; a name without one expands to itself.
 * Bounds are inclusive, and a start that is padded with zeros pads all numbers.
 * Besides Ansible's `[start:end:step]`, `[start-end]` and lists with commas are
 * accepted, as {@linkcode foldNames} writes them.
 *
 * @throws {InventoryError} when a range is malformed, descends, or is too long.
 */
export function expandRange(text: string): string[] {
  const parts: string[][] = [];
  let names = 1;
  let rest = text;
  while (rest !== "") {
    const open = rest.indexOf("[");
    if (open < 0) break;
    const close = rest.indexOf("]", open);
    if (close < 0) throw malformed(text, "a [ is not closed");
    if (open > 0) parts.push([rest.slice(0, open)]);
    const values = rest.slice(open + 1, close).split(",")
      .flatMap((piece) => expandPiece(piece, text));
    names *= values.length;
    if (names > MAX_NAMES) {
      throw malformed(text, "it expands to too many names");
    }
    parts.push(values);
    rest = rest.slice(close + 1);
  }
  if (rest !== "" || parts.length === 0) parts.push([rest]);
  return parts.reduce((heads, tails) =>
    heads.length === 1 && tails.length === 1
      ? [`${heads[0]}${tails[0]}`]
      : heads.flatMap((head) => tails.map((tail) => head + tail))
  );
}

function expandPiece(piece: string, text: string): string[] {
  const match = PIECE.exec(piece);
  if (!match) {
    throw malformed(text, `[${piece}] is not a range such as [01:40] or [a:f]`);
  }
  const [, start, , end, step, firstLetter, , lastLetter, letterStep, single] =
    match;
  if (single !== undefined) return [single];
  if (firstLetter !== undefined && lastLetter !== undefined) {
    return count(
      LETTERS.indexOf(firstLetter),
      LETTERS.indexOf(lastLetter),
      letterStep,
      text,
    )
      .map((index) => LETTERS.charAt(index));
  }
  const first = start || "0";
  const last = end ?? "";
  const padded = first.length > 1 && first.startsWith("0");
  if (padded && first.length !== last.length) {
    throw malformed(
      text,
      `${first} and ${last} must have the same number of digits`,
    );
  }
  const width = padded ? first.length : 0;
  return count(Number(first), Number(last), step, text)
    .map((number) => String(number).padStart(width, "0"));
}

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

function count(
  first: number,
  last: number,
  step: string | undefined,
  text: string,
): number[] {
  const by = Number(step ?? 1);
  if (by === 0) throw malformed(text, "its step is 0");
  if (last < first) throw malformed(text, "its end is before its start");
  const length = Math.floor((last - first) / by) + 1;
  if (length > MAX_NAMES) {
    throw malformed(text, "it expands to too many names");
  }
  return Array.from({ length }, (_, index) => first + index * by);
}

function malformed(text: string, why: string): InventoryError {
  return new InventoryError(`Cannot expand range ${text}: ${why}`);
}
