// Decodes a file as UTF-8, or reports the line where it is not.
import { errorAt } from "../text_place.ts";

/** A file's path and text. */
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
      { hint: "Save it as UTF-8", cause },
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
    // A literal U+FFFD is reported too early at worst; valid files do not get here.
    if (lenient.decode(slice).includes("\ufffd")) return line;
    line += 1;
    start = end + 1;
  }
  return line;
}
