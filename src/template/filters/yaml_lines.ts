// The lines of a YAML document while it is written: columns, indentation, and the
// three ways to write a scalar, with long ones broken at spaces.
import { checkTextLength } from "../values/bounds.ts";

/** The column of the text, and where the next may go. */
export class YamlLines {
  readonly #pieces: string[] = [];
  readonly #step: number;
  readonly #width: number;
  readonly #isAscii: boolean;
  #length = 0;
  #column = 0;
  /** Whether a space was written last. */
  #isSpace = true;
  /** Whether only indentation and marks stand in the line so far. */
  isIndenting = true;
  /** The current indentation; -1 at the top. */
  indent = -1;

  constructor(
    { indent, width, isAscii }: {
      indent: number;
      width: number;
      isAscii: boolean;
    },
  ) {
    this.#step = indent > 1 && indent < 10 ? indent : 2;
    this.#width = width > this.#step * 2 ? width : 80;
    this.#isAscii = isAscii;
  }

  get text(): string {
    return this.#pieces.join("");
  }

  /** Indents further; returns the indentation before. */
  indentFor(isFlow: boolean): number {
    const before = this.indent;
    if (before >= 0) this.indent += this.#step;
    else this.indent = isFlow ? this.#step : 0;
    return before;
  }

  #write(text: string): void {
    this.#length += text.length;
    checkTextLength(this.#length);
    this.#pieces.push(text);
    this.#column += [...text].length;
  }

  #break(mark = "\n"): void {
    this.#pieces.push(mark);
    this.#column = 0;
    this.#isSpace = true;
    this.isIndenting = true;
  }

  /** Goes to the indentation, in a new line unless only indentation was written. */
  startLine(): void {
    const indent = Math.max(0, this.indent);
    const isPast = this.#column > indent ||
      (this.#column === indent && !this.#isSpace);
    if (!this.isIndenting || isPast) this.#break();
    if (this.#column < indent) {
      this.#write(" ".repeat(indent - this.#column));
      this.#isSpace = true;
    }
  }

  /** Starts a new line when the current one is too long. */
  breakIfFull(): void {
    if (this.#column > this.#width) this.startLine();
  }

  /** Writes a mark such as `-` or `{`. */
  mark(
    mark: string,
    { needsSpace, isSpace = false, indents = false }: {
      needsSpace: boolean;
      isSpace?: boolean;
      indents?: boolean;
    },
  ): void {
    this.#write(needsSpace && !this.#isSpace ? ` ${mark}` : mark);
    this.#isSpace = isSpace;
    this.isIndenting = this.isIndenting && indents;
  }

  /** Writes a scalar. */
  scalar(text: string, style: "" | "'" | '"', mayBreak: boolean): void {
    if (style === '"') return this.#doubleQuoted(text, mayBreak);
    if (style === "'") {
      this.mark("'", { needsSpace: true });
      this.#folded(text, mayBreak, true);
      this.mark("'", { needsSpace: false });
      return;
    }
    if (text === "") return;
    if (!this.#isSpace) this.#write(" ");
    this.#isSpace = false;
    this.isIndenting = false;
    this.#folded(text, mayBreak, false);
  }

  /** Text whose long lines are broken at single spaces. */
  #folded(text: string, mayBreak: boolean, isQuoted: boolean): void {
    const parts =
      text.match(/ +|[\n\x85\u2028\u2029]+|[^ \n\x85\u2028\u2029]+/g) ??
        [];
    let at = 0;
    for (const part of parts) {
      const isInside = at > 0 && at + part.length < text.length;
      at += part.length;
      if (part === " " && mayBreak && isInside && this.#column > this.#width) {
        this.startLine();
      } else if (/^[\n\x85\u2028\u2029]/.test(part)) {
        if (part.startsWith("\n")) this.#break();
        for (const mark of part) this.#break(mark);
        this.startLine();
      } else this.#write(isQuoted ? part.replaceAll("'", "''") : part);
      this.#isSpace = false;
      this.isIndenting = false;
    }
  }

  #doubleQuoted(text: string, mayBreak: boolean): void {
    this.mark('"', { needsSpace: true });
    const letters = [...text];
    let wasSpace = false;
    for (const [at, letter] of letters.entries()) {
      if (letter !== " ") {
        this.#write(this.#escaped(letter));
        wasSpace = false;
        continue;
      }
      const isInside = at > 0 && at < letters.length - 1;
      if (mayBreak && !wasSpace && isInside && this.#column > this.#width) {
        this.startLine();
        if (letters[at + 1] === " ") this.#write("\\");
      } else this.#write(" ");
      wasSpace = true;
    }
    this.mark('"', { needsSpace: false });
  }

  #escaped(letter: string): string {
    const code = letter.codePointAt(0)!;
    const isPlain = (code >= 0x20 && code <= 0x7e) ||
      (!this.#isAscii && code >= 0xa0 && code <= 0xfffd &&
        !/[\ud800-\udfff\u2028\u2029\ufeff]/.test(letter));
    if (isPlain && letter !== '"' && letter !== "\\") return letter;
    const short = SHORT_ESCAPES[letter];
    if (short !== undefined) return `\\${short}`;
    const hex = code.toString(16).toUpperCase();
    if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
    if (code <= 0xffff) return `\\u${hex.padStart(4, "0")}`;
    return `\\U${hex.padStart(8, "0")}`;
  }
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "\0": "0",
  "\x07": "a",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
  "\x1b": "e",
  '"': '"',
  "\\": "\\",
  "\x85": "N",
  "\xa0": "_",
  "\u2028": "L",
  "\u2029": "P",
};
