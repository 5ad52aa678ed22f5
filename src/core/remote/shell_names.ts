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
  let end = text.length;
  while (text[end - 1] === "\n") end--;
  let octal = "";
  for (const byte of encoder.encode(text.slice(0, end))) octal += OCTAL[byte]!;
  return `"$(printf %b '${octal}')${"$nl".repeat(text.length - end)}"`;
}

const encoder = new TextEncoder();

/** Each byte as an escape of printf's `%b`. */
const OCTAL = Array.from(
  { length: 256 },
  (_, byte) => `\\0${byte.toString(8).padStart(3, "0")}`,
);

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
