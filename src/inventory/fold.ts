// Folds many host names into a short text: web1 … web40 is web[1-40]. The inverse
// of range.ts: expanding the folded text yields the same set of names.

/** One number in a name, and the name without it. */
interface Slot {
  readonly key: string;
  readonly head: string;
  readonly tail: string;
  readonly digits: string;
}

/**
 * Folds names that differ in one number, in natural order and without repeats:
 * `web[01-40],db1`, `web[1-3,7].example.com`. A name with several numbers is
 * folded at the one where most other names fit.
 */
export function foldNames(names: readonly string[]): string {
  const slots = new Map<string, Slot[]>();
  const sizes = new Map<string, number>();
  for (const name of names) {
    if (slots.has(name)) continue;
    const found = slotsOf(name);
    slots.set(name, found);
    for (const { key } of found) sizes.set(key, (sizes.get(key) ?? 0) + 1);
  }
  const words = new Map<string, Slot[]>();
  const alone: string[] = [];
  for (const [name, candidates] of slots) {
    let best: Slot | undefined;
    let most = 1;
    for (const slot of candidates) {
      const size = sizes.get(slot.key) ?? 0;
      if (size >= most) [best, most] = [slot, size];
    }
    if (!best || most === 1) alone.push(name);
    else if (words.has(best.key)) words.get(best.key)?.push(best);
    else words.set(best.key, [best]);
  }
  const written = alone.map((name) => ({ first: name, word: name }));
  for (const series of words.values()) written.push(writeSeries(series));
  return written.sort((a, b) => compareNatural(a.first, b.first))
    .map(({ word }) => word).join(",");
}

function slotsOf(name: string): Slot[] {
  // A range cannot express such names, so they are not folded.
  if (/[[\],]/.test(name)) return [];
  const slots: Slot[] = [];
  for (const match of name.matchAll(/[0-9]+/g)) {
    const [digits] = match;
    // Longer ones are identifiers, and not exact as numbers.
    if (digits.length > 15) continue;
    const head = name.slice(0, match.index);
    const tail = name.slice(match.index + digits.length);
    slots.push({ key: `${head}\0${tail}`, head, tail, digits });
  }
  return slots;
}

function writeSeries(series: readonly Slot[]): { first: string; word: string } {
  const sorted = series.map(({ digits }) => digits)
    .sort((a, b) => Number(a) - Number(b) || a.length - b.length);
  const { head, tail } = series[0] ?? { head: "", tail: "" };
  const first = `${head}${sorted[0]}${tail}`;
  const [only, ...more] = writeRuns(sorted);
  return sorted.length === 1
    ? { first, word: first }
    : { first, word: `${head}[${[only, ...more].join(",")}]${tail}` };
}

/** Writes ascending numbers as runs: 01 02 03 07 as `01-03`, `07`. */
function writeRuns(sorted: readonly string[]): string[] {
  const padded = new Set<number>();
  for (const digits of sorted) {
    if (digits.length > 1 && digits.startsWith("0")) padded.add(digits.length);
  }
  // A run is padded entirely or not at all: 9 10 is a run, and so is 09 10.
  const width = (digits: string) =>
    padded.has(digits.length) ? digits.length : 0;
  const runs: { start: string; end: string }[] = [];
  for (const digits of sorted) {
    const run = runs.at(-1);
    if (
      run && Number(run.end) + 1 === Number(digits) &&
      width(run.end) === width(digits)
    ) {
      run.end = digits;
    } else {
      runs.push({ start: digits, end: digits });
    }
  }
  return runs.map(({ start, end }) =>
    start === end ? start : `${start}-${end}`
  );
}

/** Compares names in natural order: web2 before web10. */
export function compareNatural(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const endA = digitsEnd(a, i);
    const endB = digitsEnd(b, j);
    if (endA > i && endB > j) {
      const order = Number(a.slice(i, endA)) - Number(b.slice(j, endB));
      if (order !== 0) return order;
      i = endA;
      j = endB;
    } else {
      const order = a.charCodeAt(i) - b.charCodeAt(j);
      if (order !== 0) return order;
      i += 1;
      j += 1;
    }
  }
  return (a.length - i) - (b.length - j) || (a < b ? -1 : a > b ? 1 : 0);
}

function digitsEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && isDigit(text.charCodeAt(end))) end += 1;
  return end;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
