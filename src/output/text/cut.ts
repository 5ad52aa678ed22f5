// Cutting what is too long to be read, and saying how much was left out. With
// -v nothing is cut.
import { escapeText } from "../escape.ts";

/** Keeps the first lines, or the last ones, and says how many were left out. */
export function cutLines(
  lines: readonly string[],
  options: { max: number; keep?: "first" | "last" },
): readonly string[] {
  const left = lines.length - options.max;
  if (left <= 0) return lines;
  const note = moreNote(left, left === 1 ? "line" : "lines");
  return options.keep === "last"
    ? [note, ...lines.slice(left)]
    : [...lines.slice(0, options.max), note];
}

/** The line that stands for what was left out. */
export function moreNote(count: number, what?: "line" | "lines"): string {
  return `… ${count} more ${what === undefined ? "" : `${what} `}(-v)`;
}

/** Keeps the first `max` UTF-16 units of a text, and says how many were left out. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const splitsPair = (text.codePointAt(max - 1) ?? 0) > 0xffff;
  const kept = text.slice(0, splitsPair ? max - 1 : max);
  return `${kept}… (${text.length - kept.length} more characters, -v)`;
}

/**
 * Splits a host's text into escaped lines, each at most `maxWidth` long. A
 * newline at the end ends the last line; it does not begin another.
 */
export function linesOf(text: string, maxWidth = Infinity): string[] {
  if (text === "") return [];
  const lines = text.replace(/\r?\n$/, "").split("\n");
  return lines.map((line) =>
    escapeText(
      cutText(line.endsWith("\r") ? line.slice(0, -1) : line, maxWidth),
    )
  );
}
