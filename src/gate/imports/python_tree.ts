// Parses Python, and turns every failure into one sentence. The only import of
// lezer. Text with mistakes, or in Python 2, has a tree with error nodes.
import { parser } from "@lezer/python";

/** A node of a Python syntax tree. */
export type SyntaxNode = ReturnType<typeof parser.parse>["topNode"];

/** The longest text that is parsed; ansible-core's longest file has 1/10. */
const MAX_TEXT = 2 * 1024 * 1024;
/**
 * The longest time for one text. Mistakes in long strings can make the parser slow:
 * 36 KB of them took 9 s, while a file of ansible-core takes 10 to 100 ms.
 */
const MAX_MS = 15_000;

/**
 * Parses source text and reads something from its tree.
 *
 * @throws {SyntaxError} when the text is too long, or so odd that the parser or
 *   the reader fails or takes 15 s. The message is a clause: `it is …`.
 */
export function readPython<T>(text: string, read: (root: SyntaxNode) => T): T {
  if (text.length > MAX_TEXT) {
    throw new SyntaxError(
      `it is longer than ${MAX_TEXT / 1024 / 1024} MiB`,
    );
  }
  try {
    return read(parse(text).topNode);
  } catch (cause) {
    if (cause instanceof TooSlow) {
      throw new SyntaxError("its mistakes keep it from being parsed in time");
    }
    throw new SyntaxError(
      cause instanceof RangeError
        ? "its code is nested too deeply"
        : "its code cannot be parsed",
      { cause },
    );
  }
}

function parse(text: string): ReturnType<typeof parser.parse> {
  const parsing = parser.startParse(text);
  const end = performance.now() + MAX_MS;
  for (;;) {
    const tree = parsing.advance();
    if (tree !== null) return tree;
    if (performance.now() > end) throw new TooSlow();
  }
}

/** Never leaves this file. */
class TooSlow extends Error {}
