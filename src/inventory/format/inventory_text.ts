// From a file's bytes to text: UTF-8 or an error that names the line.
import { errorAt } from "../text_place.ts";

/** A file that was read. */
export interface TextFile {
  readonly file: string;
  readonly text: string;
}

const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Decodes a file; a byte order mark is dropped.
 *
 * @throws {InventoryError} at the first line that is not UTF-8, or when the file
 *   is larger than 256 MiB.
 */
export function decodeText(bytes: Uint8Array, file: string): TextFile {
  if (bytes.length > MAX_BYTES) {
    throw errorAt({ file, line: 0 }, "the file is larger than 256 MiB");
  }
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    return { file, text: decoder.decode(bytes) };
  } catch (cause) {
    throw errorAt(
      { file, line: firstBadLine(bytes) },
      "the file is not UTF-8 text",
      { hint: "Save it as UTF-8.", cause },
    );
  }
}

function firstBadLine(bytes: Uint8Array): number {
  const lenient = new TextDecoder();
  let line = 1;
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline;
    const slice = bytes.subarray(start, end);
    // U+FFFD in a valid file would mislead, but a valid file does not get here
    // for that line alone, and the first candidate is where to look anyway.
    if (lenient.decode(slice).includes("\ufffd")) return line;
    line += 1;
    start = end + 1;
  }
  return line;
}
