// Names as words of one line of sh, which no name can end or break out of.
import { assignable } from "./host_script.ts";

/** How much one command line holds, far below what any system takes. */
const MAX_LINE = 64 * 1024;

/**
 * A text as one word of a line: what is not plain is written as octal escapes.
 * `$nl` must be a newline.
 */
export function word(text: string): string {
  if (/^[ -~]*$/.test(text)) return assignable(text);
  // Substitution takes newlines off the end, so they follow it.
  const end = /\n*$/.exec(text)![0].length;
  const bytes = new TextEncoder().encode(text.slice(0, text.length - end));
  const octal = Array.from(
    bytes,
    (byte) => `\\0${byte.toString(8).padStart(3, "0")}`,
  ).join("");
  return `"$(printf %b '${octal}')${"$nl".repeat(end)}"`;
}

/** Words joined to lists that a command takes as its arguments. */
export function* batches(words: readonly string[]): Generator<string> {
  let line = "";
  for (const word of words) {
    if (line !== "" && line.length + word.length > MAX_LINE) {
      yield line;
      line = "";
    }
    line += (line === "" ? "" : " ") + word;
  }
  if (line !== "") yield line;
}
