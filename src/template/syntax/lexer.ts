// Splits a template into text, tags and the tokens of expressions, by the rules of
// Jinja's lexer (3.1), white space included.
import type { Syntax } from "./delimiters.ts";
import { readExpressionToken, type Token } from "./expression_tokens.ts";
import type { Source } from "./source.ts";

/** Text between tags, or a tag with its tokens. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | {
    readonly kind: "variable" | "block";
    /** Ends with a token of the kind `end`. */
    readonly tokens: Token[];
    readonly offset: number;
  };

/** The names in the tags of a template, and their other tokens. */
export function namesIn(pieces: readonly Piece[]): Set<string> {
  return new Set(
    pieces.flatMap((piece) =>
      piece.kind === "text" ? [] : piece.tokens.map(({ text }) => text)
    ),
  );
}

type Opening = "raw" | "comment" | "block" | "variable";

/** Splits a template. */
export function tokenize(source: Source, syntax: Syntax): Piece[] {
  return new Lexer(source, syntax).run();
}

class Lexer {
  readonly #source: Source;
  readonly #syntax: Syntax;
  readonly #text: string;
  readonly #pieces: Piece[] = [];
  readonly #opening: RegExp;
  readonly #raw: RegExp;
  #at = 0;
  /** Whether what was read last ended a line. */
  #isLineStart = true;

  constructor(source: Source, syntax: Syntax) {
    this.#source = source;
    this.#syntax = syntax;
    this.#text = syntax.keep_trailing_newline
      ? source.text
      : source.text.replace(/\n$/, "");
    const [block, blockEnd] = [
      escapePattern(syntax.block_start_string),
      escapePattern(syntax.block_end_string),
    ];
    this.#raw = new RegExp(
      `${block}[-+]?\\s*raw\\s*(?:-${blockEnd}\\s*|${blockEnd})`,
      "y",
    );
    const starts = [
      syntax.comment_start_string,
      syntax.block_start_string,
      syntax.variable_start_string,
    ].toSorted((a, b) => b.length - a.length).map(escapePattern);
    this.#opening = new RegExp(starts.join("|"), "g");
  }

  run(): Piece[] {
    while (this.#at < this.#text.length) {
      const found = this.#findOpening();
      if (found === undefined) {
        this.#addText(this.#text.slice(this.#at));
        break;
      }
      this.#readText(found);
      switch (found.kind) {
        case "comment":
          this.#readComment(found.offset);
          break;
        case "raw":
          this.#readRaw(found.offset);
          break;
        default:
          this.#readTag(found.kind, found.offset);
      }
    }
    return this.#pieces;
  }

  #findOpening(): { kind: Opening; offset: number; size: number } | undefined {
    this.#opening.lastIndex = this.#at;
    const match = this.#opening.exec(this.#text);
    if (match === null) return undefined;
    const offset = match.index;
    const [mark] = match;
    const { comment_start_string, block_start_string } = this.#syntax;
    if (mark === comment_start_string) {
      return { kind: "comment", offset, size: mark.length };
    }
    if (mark !== block_start_string) {
      return { kind: "variable", offset, size: mark.length };
    }
    this.#raw.lastIndex = offset;
    const isRaw = this.#raw.test(this.#text);
    return { kind: isRaw ? "raw" : "block", offset, size: mark.length };
  }

  /** Adds the text before a tag, stripped as the tag's sign says. */
  #readText(
    { kind, offset, size }: { kind: Opening; offset: number; size: number },
  ): void {
    const text = this.#text.slice(this.#at, offset);
    const sign = this.#text[offset + size];
    this.#at = offset + size + (sign === "-" || sign === "+" ? 1 : 0);
    this.#addText(this.#stripBefore(text, { kind, sign }));
  }

  #stripBefore(
    text: string,
    { kind, sign }: { kind: Opening | "endraw"; sign: string | undefined },
  ): string {
    if (sign === "-") return text.trimEnd();
    if (sign === "+" || !this.#syntax.lstrip_blocks || kind === "variable") {
      return text;
    }
    const start = text.lastIndexOf("\n") + 1;
    const startsLine = start > 0 || this.#isLineStart;
    return startsLine && /^\s*$/.test(text.slice(start))
      ? text.slice(0, start)
      : text;
  }

  #addText(text: string): void {
    if (text === "") return;
    const { newline_sequence } = this.#syntax;
    this.#pieces.push({
      kind: "text",
      text: newline_sequence === "\n"
        ? text
        : text.replaceAll("\n", newline_sequence),
    });
  }

  #readComment(offset: number): void {
    const end = this.#text.indexOf(this.#syntax.comment_end_string, this.#at);
    if (end < 0) {
      this.#source.fail("the comment is not closed", offset);
    }
    this.#at = end + this.#syntax.comment_end_string.length;
    this.#endTag(this.#text[end - 1], this.#syntax.trim_blocks);
  }

  /** Drops what follows a tag: all white space, one newline, or nothing. */
  #endTag(sign: string | undefined, trims: boolean): void {
    const end = this.#at;
    if (sign === "-") {
      this.#at = this.#text.length -
        this.#text.slice(this.#at).trimStart().length;
    } else if (sign !== "+" && trims && this.#text[this.#at] === "\n") {
      this.#at++;
    }
    this.#isLineStart = this.#at > end && this.#text[this.#at - 1] === "\n";
  }

  #readRaw(offset: number): void {
    this.#raw.lastIndex = offset;
    const [start] = this.#raw.exec(this.#text)!;
    this.#at = offset + start.length;
    const { block_start_string, block_end_string, trim_blocks } = this.#syntax;
    const ending = new RegExp(
      `${escapePattern(block_start_string)}([-+]?)\\s*endraw\\s*([-+]?)${
        escapePattern(block_end_string)
      }`,
      "g",
    );
    ending.lastIndex = this.#at;
    const match = ending.exec(this.#text);
    if (match === null) {
      this.#source.fail("the raw block is not closed by endraw", offset);
    }
    this.#isLineStart = start.endsWith("\n");
    const text = this.#text.slice(this.#at, match.index);
    this.#addText(this.#stripBefore(text, { kind: "endraw", sign: match[1] }));
    this.#at = match.index + match[0].length;
    this.#endTag(match[2], trim_blocks);
  }

  #readTag(kind: "variable" | "block", offset: number): void {
    const tokens: Token[] = [];
    const open: string[] = [];
    const end = kind === "block"
      ? this.#syntax.block_end_string
      : this.#syntax.variable_end_string;
    for (;;) {
      while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
      const sign = this.#text[this.#at] ?? "";
      const signed = sign === "-" || (sign === "+" && kind === "block")
        ? sign
        : "";
      if (open.length === 0) {
        const closes = (mark: string) =>
          this.#text.startsWith(mark + end, this.#at);
        const mark = signed !== "" && closes(signed)
          ? signed
          : closes("")
          ? ""
          : undefined;
        if (mark !== undefined) {
          tokens.push({ kind: "end", text: "", offset: this.#at });
          this.#at += mark.length + end.length;
          this.#endTag(mark, kind === "block" && this.#syntax.trim_blocks);
          break;
        }
      }
      if (this.#at >= this.#text.length) {
        this.#source.fail(`the tag is not closed by ${end}`, offset);
      }
      const token = readExpressionToken(this.#text, this.#at, {
        source: this.#source,
        keepsBackslashes: kind === "variable" && this.#syntax.keepsBackslashes,
      });
      this.#balance(token, open);
      tokens.push(token);
      this.#at = token.offset + token.size!;
    }
    this.#pieces.push({ kind, tokens, offset });
  }

  #balance(token: Token, open: string[]): void {
    if (token.kind !== "operator") return;
    const closing = { "(": ")", "[": "]", "{": "}" }[token.text];
    if (closing !== undefined) open.push(closing);
    else if (")]}".includes(token.text)) {
      const expected = open.pop();
      if (expected !== token.text) {
        this.#source.fail(
          expected === undefined
            ? `unexpected '${token.text}'`
            : `unexpected '${token.text}', expected '${expected}'`,
          token.offset,
        );
      }
    }
  }
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}
