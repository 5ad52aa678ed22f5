// Splits the text of a call's arguments into words, by the rules of Ansible's
// `-a`. Nothing is lost: words keep their quotes, escapes and inner spaces, so
// that `joinArguments` gives back a command as it was written.

/** What Jinja puts around templates: spaces inside do not end a word. */
const BLOCKS = [["{{", "}}"], ["{%", "%}"], ["{#", "#}"]] as const;

/** A quote that is open, and where it was opened. */
interface OpenQuote {
  readonly mark: string;
  readonly offset: number;
}

/**
 * The words of the text. A space or a newline outside quotes and `{{ }}` ends a
 * word, a tab does not. More spaces, and newlines, stay at the end of the word
 * before them. A backslash alone before a newline continues the line.
 *
 * @throws {SyntaxError} when a quote or a `{{` is not closed.
 */
export function splitArguments(text: string): string[] {
  const words: string[] = [];
  const extend = (piece: string) => words.push((words.pop() ?? "") + piece);
  const depths = BLOCKS.map(() => 0);
  let quote: OpenQuote | undefined;
  let offset = 0;
  for (const line of text.split("\n")) {
    const pieces = line.split(" ");
    let continues = false;
    for (const [column, piece] of pieces.entries()) {
      const start = offset;
      offset += piece.length + 1;
      if (piece === "" && column > 0) {
        extend(" ");
      } else if (piece === "\\" && quote === undefined) {
        continues = true;
      } else {
        const wasQuoted = quote !== undefined;
        const isInside = wasQuoted || depths.some((depth) => depth > 0);
        quote = quoteAfter(piece, { quote, start });
        countBlocks(piece, depths);
        if (isInside) {
          extend(separator({ column, pieces, wasQuoted }) + piece);
        } else if (piece !== "") words.push(piece);
      }
    }
    if (offset <= text.length && !continues) extend("\n");
  }
  expectClosed(text, { quote, depths });
  return words;
}

/** The text that words were split from. */
export function joinArguments(words: readonly string[]): string {
  return words.reduce(
    (text, word) =>
      text === "" || text.endsWith("\n") ? text + word : `${text} ${word}`,
    "",
  );
}

/** What stood before a piece that belongs to the word before it. */
function separator(
  { column, pieces, wasQuoted }: {
    column: number;
    pieces: readonly string[];
    wasQuoted: boolean;
  },
): string {
  if (column > 0) return " ";
  // Ansible doubles the newline before a line of one word inside `{{ }}`.
  return pieces.length === 1 && !wasQuoted ? "\n" : "";
}

/** The quote that is open after a piece; a backslash hides one, in any quotes. */
function quoteAfter(
  piece: string,
  { quote, start }: { quote: OpenQuote | undefined; start: number },
): OpenQuote | undefined {
  for (let at = 0; at < piece.length; at++) {
    const mark = piece[at]!;
    if ((mark !== '"' && mark !== "'") || piece[at - 1] === "\\") continue;
    if (quote === undefined) quote = { mark, offset: start + at };
    else if (quote.mark === mark) quote = undefined;
  }
  return quote;
}

function countBlocks(piece: string, depths: number[]): void {
  for (const [at, [open, close]] of BLOCKS.entries()) {
    const change = piece.split(open).length - piece.split(close).length;
    depths[at] = Math.max(0, depths[at]! + change);
  }
}

function expectClosed(
  text: string,
  { quote, depths }: { quote: OpenQuote | undefined; depths: number[] },
): void {
  if (quote !== undefined) {
    const lines = text.slice(0, quote.offset).split("\n");
    throw new SyntaxError(
      `Cannot split into words: the ${quote.mark} in line ${lines.length}, ` +
        `column ${lines.at(-1)!.length + 1} is not closed`,
    );
  }
  const block = BLOCKS[depths.findIndex((depth) => depth > 0)];
  if (block === undefined) return;
  throw new SyntaxError(`Cannot split into words: a ${block[0]} is not closed`);
}
