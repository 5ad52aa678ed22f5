// The tokens of Jinja's expressions.
import { PYTHON_ESCAPES } from "../values/python_escapes.ts";
import type { Source } from "./source.ts";

/** A token of an expression. */
export interface Token {
  readonly kind: "name" | "text" | "integer" | "float" | "operator" | "end";
  /** A text is without its quotes, and with its escapes replaced. */
  readonly text: string;
  readonly offset: number;
  /** Its length in the source. */
  readonly size?: number;
}

const FLOAT =
  /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?[eE][-+]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/y;
const INTEGER =
  /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*/y;
const NAME = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Nd}_]*/uy;
const TEXT = /'[^'\\]*(?:\\[^][^'\\]*)*'|"[^"\\]*(?:\\[^][^"\\]*)*"/y;
const OPERATOR = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y;

/** Reads the token at an offset. */
export function readExpressionToken(
  text: string,
  offset: number,
  { source, keepsBackslashes }: { source: Source; keepsBackslashes: boolean },
): Token {
  const match = (pattern: RegExp) => {
    pattern.lastIndex = offset;
    return pattern.exec(text)?.[0];
  };
  const token = (kind: Token["kind"], found: string, as = found): Token => ({
    kind,
    text: as,
    offset,
    size: found.length,
  });
  const float = match(FLOAT);
  if (float !== undefined) return token("float", float);
  const integer = match(INTEGER);
  if (integer !== undefined) return token("integer", integer);
  const name = match(NAME);
  if (name !== undefined) return token("name", name);
  const quoted = match(TEXT);
  if (quoted !== undefined) {
    const inner = quoted.slice(1, -1);
    return token("text", quoted, keepsBackslashes ? inner : unescape(inner));
  }
  const operator = match(OPERATOR);
  if (operator !== undefined) return token("operator", operator);
  const character = String.fromCodePoint(text.codePointAt(offset)!);
  return source.fail(
    /['"]/.test(character)
      ? "the text is not closed by a quote"
      : `unexpected character '${character}'`,
    offset,
  );
}

const ESCAPE =
  /\\(?:\r?\n|([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([abfnrtv\\'"]))/g;

/** Replaces the escapes of Python's texts. */
function unescape(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(ESCAPE, (_, octal, byte, short, long, mark) => {
    if (octal !== undefined) return String.fromCodePoint(parseInt(octal, 8));
    const hex = byte ?? short ?? long;
    if (hex !== undefined) {
      const code = parseInt(hex, 16);
      return code > 0x10ffff ? "\ufffd" : String.fromCodePoint(code);
    }
    return mark === undefined ? "" : PYTHON_ESCAPES[mark]!;
  });
}
