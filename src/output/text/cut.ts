// Cutting what is too long to be read, and saying how much was left out. With
// -v nothing is cut.
import { escapeText } from "../escape.ts";

/**
 * Keeps the first lines, or the last ones, and says how many were left out.
 * Takes an iterable so that what is left out need not be kept.
 */
export function cutLines(
  lines: Iterable<string>,
  options: { max: number; keep?: "first" | "last" },
): string[] {
  const kept: string[] = [];
  let left = 0;
  for (const line of lines) {
    kept.push(line);
    if (kept.length <= options.max) continue;
    left++;
    if (options.keep === "last") kept.shift();
    else kept.pop();
  }
  if (left === 0) return kept;
  const note = `… ${left} more ${left === 1 ? "line" : "lines"} (-v)`;
  return options.keep === "last" ? [note, ...kept] : [...kept, note];
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
