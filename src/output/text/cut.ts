// Cutting what is too long to be read, and saying how much was left out and
// where it is to be had. Who wants the whole gets it from the same code.
import { escapeText } from "../escape.ts";

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
   * newline at the end ends the last line; it does not begin another.
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
    split: (all, maxWidth) =>
      linesOf(all).map((line) => escapeText(text(line, maxWidth))),
  };
}

function linesOf(text: string): string[] {
  if (text === "") return [];
  return text.replace(/\r?\n$/, "").split("\n")
    .map((line) => line.endsWith("\r") ? line.slice(0, -1) : line);
}
