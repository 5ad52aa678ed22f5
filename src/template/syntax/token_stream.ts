// The tokens of one tag, read from left to right.
import type { Token } from "./expression_tokens.ts";
import type { Source } from "./source.ts";

/** Reads tokens. */
export class TokenStream {
  #at = 0;

  constructor(readonly source: Source, private readonly tokens: Token[]) {}

  get token(): Token {
    return this.tokens[this.#at]!;
  }

  get next(): Token {
    return this.tokens[Math.min(this.#at + 1, this.tokens.length - 1)]!;
  }

  get isAtEnd(): boolean {
    return this.token.kind === "end";
  }

  take(): Token {
    const token = this.token;
    if (token.kind !== "end") this.#at++;
    return token;
  }

  isOperator(...texts: readonly string[]): boolean {
    return this.token.kind === "operator" && texts.includes(this.token.text);
  }

  isName(...texts: readonly string[]): boolean {
    return this.token.kind === "name" && texts.includes(this.token.text);
  }

  /** Takes an operator if it is next. */
  skip(operator: string): boolean {
    const found = this.isOperator(operator);
    if (found) this.take();
    return found;
  }

  /** Takes a word if it is next. */
  skipName(name: string): boolean {
    const found = this.isName(name);
    if (found) this.take();
    return found;
  }

  expect(operator: string): Token {
    if (this.isOperator(operator)) return this.take();
    this.fail(`expected '${operator}'`);
  }

  expectName(what = "a name"): string {
    if (this.token.kind === "name") return this.take().text;
    this.fail(`expected ${what}`);
  }

  expectEnd(): void {
    if (!this.isAtEnd) this.fail("expected the end of the tag");
  }

  /** @throws {TemplateSyntaxError} at the next token. */
  fail(reason: string): never {
    const { kind, text, offset } = this.token;
    const found = kind === "end" ? "the end of the tag" : `'${text}'`;
    this.source.fail(`${reason}, got ${found}`, offset);
  }
}
