// Cutting what is too long to be read, and saying how much was left out and
// where it is to be had. Who wants the whole gets it from the same code.
import { escapeText } from "../escape.ts";

/** More lines of one text would keep all hosts waiting while they are shown. */
const MAX_LINES = 500_000;

/** Cuts what is shown, or leaves it whole. */
export interface Cut {
  readonly isWhole: boolean;
  /** Keeps the first lines, or the last ones, and says how many were left out. */
  lines(
    lines: readonly string[],
    options: { max: number; keep?: "first" | "last" },
  ): readonly string[];
  /** Keeps the first `max` UTF-16 units, and says how many were left out. */
  text(text: string, max: number): string;
  /**
   * Splits a host's text into escaped lines, each at most `maxWidth` long. A
   * newline at the end ends the last line; it does not begin another. Of more
   * than 500 000 lines the first are kept.
   */
  split(text: string, maxWidth: number): string[];
  /** The line that stands for what was left out. */
  note(count: number, what?: "line" | "lines"): string;
  /** How many lines or members of a value may be shown, when it is so many. */
  most(max: number): number;
  /** What shows the rest: `-v`. */
  readonly remedy: string;
}

/** Cuts unless `whole`; what is left out is to be had by `remedy`. */
export function createCut(
  { whole, remedy = "-v" }: { whole: boolean; remedy?: string | undefined },
): Cut {
  const most = (max: number) => whole ? Infinity : max;
  const note = (count: number, what?: "line" | "lines") =>
    `… ${count} more ${what === undefined ? "" : `${what} `}(${remedy})`;
  const text = (text: string, max: number) => {
    if (text.length <= most(max)) return text;
    const splitsPair = (text.codePointAt(max - 1) ?? 0) > 0xffff;
    const kept = text.slice(0, splitsPair ? max - 1 : max);
    const left = text.length - kept.length;
    return `${kept}… (${left} more characters, ${remedy})`;
  };
  return {
    isWhole: whole,
    remedy,
    most,
    note,
    text,
    lines(lines, { max, keep }) {
      const left = lines.length - most(max);
      if (left <= 0) return lines;
      const said = note(left, left === 1 ? "line" : "lines");
      return keep === "last"
        ? [said, ...lines.slice(left)]
        : [...lines.slice(0, max), said];
    },
    split(all, maxWidth) {
      const end = endOfLines(all, most(MAX_LINES));
      const lines = linesOf(all.slice(0, end))
        .map((line) => escapeText(text(line, maxWidth)));
      const left = countLines(all.slice(end));
      return left === 0 ? lines : [...lines, note(left, "lines")];
    },
  };
}

/** Where the first `max` lines of a text end. */
function endOfLines(text: string, max: number): number {
  if (text.length <= max) return text.length;
  let at = 0;
  for (let count = 0; count < max; count++) {
    at = text.indexOf("\n", at) + 1;
    if (at === 0) return text.length;
  }
  return at;
}

/** How many lines a text has. */
function countLines(text: string): number {
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
