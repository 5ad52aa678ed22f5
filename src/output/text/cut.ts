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
  /**
   * The same for the output of a program: its last lines, after a note on how
   * many come before them.
   */
  tail(text: string, maxWidth: number): string[];
  /** The line that replaces omitted lines. */
  note(count: number, what?: "line" | "lines"): string;
  /** Limits a number of lines or members to `max`, unless text is whole. */
  limit(max: number): number;
  /** How users see the rest: `-v`. */
  readonly remedy: string;
}

/** Options of `createCut()`. */
export interface CutOptions {
  /** Cut nothing but outputs of more than 500,000 lines. */
  readonly whole: boolean;
  /** How users see omitted text. Default: `-v`. */
  readonly remedy?: string | undefined;
  /** How users see what even whole text omits. Default: `--format json`. */
  readonly fullRemedy?: string | undefined;
  /** How many lines of a program's output are kept. Default: 500,000. */
  readonly maxTail?: number | undefined;
}

/** Creates a Cut; `remedy` is how users see omitted text. */
export function createCut(
  { whole, remedy = "-v", fullRemedy = "--format json", maxTail = MAX_LINES }:
    CutOptions,
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
    tail(all, maxWidth) {
      const start = startOfTail(all, whole ? MAX_LINES : maxTail);
      const lines = linesOf(all.slice(start))
        .map((line) => escapeText(text(line, maxWidth)));
      if (start === 0) return lines;
      const left = countLines(all.slice(0, start));
      const how = whole ? fullRemedy : remedy;
      return [
        `… ${left} ${left === 1 ? "line" : "lines"} before these (${how})`,
        ...lines,
      ];
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

/** The index at which the last `max` lines of a text start. */
function startOfTail(text: string, max: number): number {
  if (text.length <= max) return 0;
  let at = text.endsWith("\n") ? text.length - 1 : text.length;
  for (let count = 0; count < max; count++) {
    at = at === 0 ? -1 : text.lastIndexOf("\n", at - 1);
    if (at < 0) return 0;
  }
  return at + 1;
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
