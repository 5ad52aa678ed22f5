// Parses Python, and turns every failure into one sentence. The only import of
// lezer. Text with mistakes, or in Python 2, has a tree with error nodes.
import { parser } from "@lezer/python";

/** A node of a Python syntax tree. */
export type SyntaxNode = ReturnType<typeof parser.parse>["topNode"];

/** The longest text that is parsed; ansible-core's longest file has 1/10. */
const MAX_TEXT = 2 * 1024 * 1024;

/**
 * Parses source text and reads something from its tree.
 *
 * @throws {SyntaxError} when the text is too long, or so odd that the parser or
 *   the reader fails. The message is a clause: `it is …`.
 */
export function readPython<T>(text: string, read: (root: SyntaxNode) => T): T {
  if (text.length > MAX_TEXT) {
    throw new SyntaxError(
      `it is longer than ${MAX_TEXT / 1024 / 1024} MiB`,
    );
  }
  try {
    return read(parser.parse(text).topNode);
  } catch (cause) {
    throw new SyntaxError(
      cause instanceof RangeError
        ? "its code is nested too deeply"
        : "its code cannot be parsed",
      { cause },
    );
  }
}
