// Cuts long text, and notes how much was omitted and how to see it. The same code
// also produces the full text.
import { escapeText } from "../escape.ts";

/** Longer text takes so long to show that all hosts wait. */
const MAX_LINES = 500_000;

/** Cuts text, or leaves it whole. */
export interface Cut {
  readonly isWhole: boolean;
  /** Keeps the first or last lines, and notes how many were omitted. */
  lines(
    lines: readonly string[],
    options: { max: number; keep?: "first" | "last" },
  ): readonly string[];
  /** Keeps the first `max` UTF-16 units, and notes how many were omitted. */
  text(text: string, max: number): string;
  /**
   * Splits a host's text into escaped lines of at most `maxWidth`. A final newline
   * ends the last line, and does not start another. At most 500,000 lines are
   * kept.
   */
  split(text: string, maxWidth: number): string[];
  /** The line that replaces omitted lines. */
  note(count: number, what?: "line" | "lines"): string;
  /** Limits a number of lines or members to `max`, unless text is whole. */
  limit(max: number): number;
  /** How users see the rest: `-v`. */
  readonly remedy: string;
}

/** Creates a Cut; `remedy` is how users see omitted text. */
export function createCut(
  { whole, remedy = "-v" }: { whole: boolean; remedy?: string | undefined },
): Cut {
  const limit = (max: number) => whole ? Infinity : max;
  const note = (count: number, what?: "line" | "lines") =>
    `… ${count} more ${what === undefined ? "" : `${what} `}(${remedy})`;
  const text = (text: string, max: number) => {
    if (text.length <= limit(max)) return text;
    const splitsPair = (text.codePointAt(max - 1) ?? 0) > 0xffff;
    const kept = text.slice(0, splitsPair ? max - 1 : max);
    const left = text.length - kept.length;
    return `${kept}… (${left} more characters, ${remedy})`;
  };
  return {
    isWhole: whole,
    remedy,
    limit,
    note,
    text,
    lines(lines, { max, keep }) {
      const left = lines.length - limit(max);
      if (left <= 0) return lines;
      const omitted = note(left, left === 1 ? "line" : "lines");
      return keep === "last"
        ? [omitted, ...lines.slice(left)]
        : [...lines.slice(0, max), omitted];
    },
    split(all, maxWidth) {
      const end = endOfLines(all, limit(MAX_LINES));
      const lines = linesOf(all.slice(0, end))
        .map((line) => escapeText(text(line, maxWidth)));
      const left = countLines(all.slice(end));
      return left === 0 ? lines : [...lines, note(left, "lines")];
    },
  };
}

/** The index at which the first `max` lines of a text end. */
export function endOfLines(text: string, max: number): number {
  if (text.length <= max) return text.length;
  let at = 0;
  for (let count = 0; count < max; count++) {
    at = text.indexOf("\n", at) + 1;
    if (at === 0) return text.length;
  }
  return at;
}

/** Counts the lines of a text. */
export function countLines(text: string): number {
  let count = text === "" || text.endsWith("\n") ? 0 : 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    count++;
  }
  return count;
}

function linesOf(text: string): string[] {
  if (text === "") return [];
  return text.replace(/\r?\n$/, "").split("\n")
    .map((line) => line.endsWith("\r") ? line.slice(0, -1) : line);
}
