// Computes the shortest edit between two lists of lines, as hunks of a unified
// diff. Work is bounded: lists with too many differences are shown as replaced.

/** A line of a diff; `@` starts a hunk. */
export interface DiffLine {
  readonly kind: " " | "+" | "-" | "@";
  readonly text: string;
}

interface Edit extends DiffLine {
  readonly kind: " " | "+" | "-";
}

const CONTEXT = 3;
const MAX_EDITS = 1000;

/** Compares two lists of lines; equal lists give an empty diff. */
export function unifiedDiff(
  before: readonly string[],
  after: readonly string[],
): DiffLine[] {
  return hunksOf(editsBetween(before, after));
}

function editsBetween(
  before: readonly string[],
  after: readonly string[],
): Edit[] {
  let head = 0;
  const shorter = Math.min(before.length, after.length);
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (
    tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)
  ) tail++;
  return [
    ...before.slice(0, head).map((text): Edit => ({ kind: " ", text })),
    ...shortestEdits(
      before.slice(head, before.length - tail),
      after.slice(head, after.length - tail),
    ),
    ...before.slice(before.length - tail)
      .map((text): Edit => ({ kind: " ", text })),
  ];
}

// The greedy algorithm of E. W. Myers, "An O(ND) Difference Algorithm and Its
// Variations" (1986): `reached` holds, for each diagonal k = x - y, the furthest
// x reached with d edits; one copy of it is kept per d to walk back.
function shortestEdits(before: string[], after: string[]): Edit[] {
  const limit = Math.min(before.length + after.length, MAX_EDITS);
  const origin = limit + 1;
  const reached = new Int32Array(2 * limit + 3);
  const trail: Int32Array[] = [];
  for (let d = 0; d <= limit; d++) {
    trail.push(reached.slice(origin - d - 1, origin + d + 2));
    for (let k = -d; k <= d; k += 2) {
      let x = stepsDown(reached, origin + k, k, d)
        ? reached[origin + k + 1]!
        : reached[origin + k - 1]! + 1;
      while (
        x < before.length && x - k < after.length &&
        before[x] === after[x - k]
      ) x++;
      reached[origin + k] = x;
      if (x >= before.length && x - k >= after.length) {
        return walkBack(before, after, trail);
      }
    }
  }
  return [
    ...before.map((text): Edit => ({ kind: "-", text })),
    ...after.map((text): Edit => ({ kind: "+", text })),
  ];
}

function stepsDown(
  reached: Int32Array,
  at: number,
  k: number,
  d: number,
): boolean {
  return k === -d || (k !== d && reached[at - 1]! < reached[at + 1]!);
}

function walkBack(
  before: string[],
  after: string[],
  trail: Int32Array[],
): Edit[] {
  const edits: Edit[] = [];
  let x = before.length;
  let y = after.length;
  for (let d = trail.length - 1; d >= 0; d--) {
    const reached = trail[d]!;
    const at = x - y + d + 1;
    const previousK = stepsDown(reached, at, x - y, d) ? x - y + 1 : x - y - 1;
    const previousX = d === 0 ? 0 : reached[previousK + d + 1]!;
    const previousY = d === 0 ? 0 : previousX - previousK;
    while (x > previousX && y > previousY) {
      edits.push({ kind: " ", text: before[--x]! });
      y--;
    }
    if (d === 0) break;
    if (x === previousX) edits.push({ kind: "+", text: after[--y]! });
    else edits.push({ kind: "-", text: before[--x]! });
  }
  return edits.reverse();
}

function hunksOf(edits: readonly Edit[]): DiffLine[] {
  const lines: DiffLine[] = [];
  let beforeLine = 1;
  let afterLine = 1;
  let at = 0;
  while (at < edits.length) {
    if (edits[at]!.kind === " ") {
      at++;
      beforeLine++;
      afterLine++;
      continue;
    }
    const from = Math.max(0, at - CONTEXT);
    const to = endOfHunk(edits, at);
    const hunk = edits.slice(from, to);
    const removed = hunk.filter((edit) => edit.kind !== "+").length;
    const added = hunk.filter((edit) => edit.kind !== "-").length;
    const lead = at - from;
    lines.push({
      kind: "@",
      text: `@@ -${rangeText(beforeLine - lead, removed)}` +
        ` +${rangeText(afterLine - lead, added)} @@`,
    });
    // One at a time: a call has a limit on its arguments.
    for (const edit of hunk) lines.push(edit);
    beforeLine += removed - lead;
    afterLine += added - lead;
    at = to;
  }
  return lines;
}

// Two changes share a hunk when the lines between them are all context of one or
// the other.
function endOfHunk(edits: readonly Edit[], from: number): number {
  let last = from;
  for (let i = from; i < edits.length && i - last <= 2 * CONTEXT + 1; i++) {
    if (edits[i]!.kind !== " ") last = i;
  }
  return Math.min(edits.length, last + CONTEXT + 1);
}

// POSIX diff -u: a range of no lines names the line before it.
function rangeText(start: number, count: number): string {
  if (count === 1) return `${start}`;
  return `${count === 0 ? start - 1 : start},${count}`;
}
