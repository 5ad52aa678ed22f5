// Writes file names as words of one line of sh; no name can end its word or the
// line.
import { singleQuoted } from "../shell/shell_script.ts";

/** The most characters in one command, far below the limit of any system. */
const MAX_LINE = 64 * 1024;

/**
 * A name as one word of a line, with octal escapes for all but printable ASCII.
 * The variable `nl` must hold a newline.
 */
export function word(text: string): string {
  if (/^[ -~]*$/.test(text)) return singleQuoted(text);
  // Substitution removes newlines at the end, so they follow it.
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

/** Joins words into lists that fit into one command. */
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
