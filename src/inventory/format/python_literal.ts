// Values of INI inventories: Python literals, and otherwise text (Ansible passes
// each value to ast.literal_eval, and keeps the text when that fails).
import { ExactNumber, fractionOf, integerOf } from "../../json/exact_number.ts";
import { PYTHON_ESCAPES } from "../../template/values/python_escapes.ts";

/** A value that is nested deeper is text. */
const MAX_DEPTH = 100;

/**
 * Reads a Python literal. Tuples and sets become arrays; keys of dicts become
 * text.
 *
 * @returns the text itself when it is not a literal, such as `web` and `0644`.
 */
export function readPythonValue(text: string): unknown {
  // Most values are words or paths, which start unlike any literal.
  if (!/^[-+.0-9'"[({TFNbBrRuU#\s]/.test(text)) return text;
  try {
    return new LiteralReader(text).read();
  } catch (error) {
    if (error === NOT_LITERAL) return text;
    throw error;
  }
}

/**
 * The text is not a literal; never leaves this file. Made once, because most values
 * end here, such as addresses, and capturing a stack for each takes 4 of 5 µs.
 */
const NOT_LITERAL = new Error("not a Python literal");

const NUMBER =
  /(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][-+]?[0-9](?:_?[0-9])*)?)/y;
const STRING =
  /([rRbBuU]{0,2})('''(?:\\[^]|[^\\])*?'''|"""(?:\\[^]|[^\\])*?"""|'(?!'')(?:\\[^]|[^'\\\n])*'|"(?!"")(?:\\[^]|[^"\\\n])*")/y;
const WORD = /[A-Za-z_]\w*/y;
const SPACE = /(?:[ \t\f]|#.*$)*/y;

class LiteralReader {
  #at = 0;
  #depth = 0;

  constructor(private readonly text: string) {}

  /** The whole text as one value; commas outside brackets make a tuple. */
  read(): unknown {
    const first = this.#value();
    if (this.#peek() === "") return first;
    const items = [first];
    while (this.#take(",")) {
      if (this.#peek() === "") break;
      items.push(this.#value());
    }
    if (this.#peek() !== "") throw NOT_LITERAL;
    return items;
  }

  #value(): unknown {
    if (++this.#depth > MAX_DEPTH) throw NOT_LITERAL;
    const value = this.#bareValue();
    this.#depth -= 1;
    return value;
  }

  #bareValue(): unknown {
    switch (this.#peek()) {
      case "[":
        return this.#items("[", "]").items;
      case "(": {
        const { items, comma } = this.#items("(", ")");
        return items.length === 1 && !comma ? items[0] : items;
      }
      case "{":
        return this.#dictOrSet();
      case "-":
      case "+":
        return this.#signed();
    }
    return this.#strings() ?? this.#number() ?? this.#word();
  }

  #items(open: string, close: string): { items: unknown[]; comma: boolean } {
    this.#expect(open);
    const items: unknown[] = [];
    let comma = false;
    while (!this.#take(close)) {
      if (items.length > 0 && !comma) throw NOT_LITERAL;
      items.push(this.#value());
      comma = this.#take(",");
    }
    return { items, comma };
  }

  #dictOrSet(): unknown {
    this.#expect("{");
    const dict: Record<string, unknown> = Object.create(null);
    if (this.#take("}")) return dict;
    const first = this.#value();
    if (this.#peek() !== ":") return this.#restOfSet(first);
    let key = first;
    for (;;) {
      this.#expect(":");
      dict[keyText(key)] = this.#value();
      const comma = this.#take(",");
      if (this.#take("}")) return dict;
      if (!comma) throw NOT_LITERAL;
      key = this.#value();
    }
  }

  #restOfSet(first: unknown): unknown[] {
    const items = new Set([first]);
    while (!this.#take("}")) {
      this.#expect(",");
      if (this.#peek() !== "}") items.add(this.#value());
    }
    return [...items];
  }

  #signed(): unknown {
    const negative = this.#take("-");
    if (!negative) this.#expect("+");
    this.#peek();
    return this.#number(negative ? "-" : "") ?? refuse();
  }

  #number(sign = ""): number | ExactNumber | undefined {
    const text = this.#match(NUMBER)?.[0];
    if (text === undefined) return undefined;
    // 10.0.0.1 and 5min are not numbers.
    if (/[\w.]/.test(this.text.charAt(this.#at))) throw NOT_LITERAL;
    const digits = text.replaceAll("_", "");
    const isPrefixed = /^0[xob]/i.test(digits);
    if (!isPrefixed && /[.eE]/.test(digits)) {
      return fractionOf(sign + digits, Number(sign + digits));
    }
    if (/^0+[1-9]/.test(digits)) throw NOT_LITERAL;
    const value = BigInt(digits);
    return integerOf(sign === "" ? value : -value);
  }

  /** Adjacent strings are joined; bytes do not mix with text. */
  #strings(): string | undefined {
    let joined: string | undefined;
    const kinds = new Set<boolean>();
    for (;;) {
      this.#peek();
      const match = this.#match(STRING);
      if (!match) break;
      const [, prefix = "", quoted = ""] = match;
      kinds.add(/b/i.test(prefix));
      joined = (joined ?? "") + unquote(prefix, quoted);
    }
    if (kinds.size > 1) throw NOT_LITERAL;
    return joined;
  }

  #word(): unknown {
    switch (this.#match(WORD)?.[0]) {
      case "None":
        return null;
      case "True":
        return true;
      case "False":
        return false;
    }
    throw NOT_LITERAL;
  }

  #peek(): string {
    this.#match(SPACE);
    return this.text.charAt(this.#at);
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at += 1;
    return true;
  }

  #expect(char: string): void {
    if (!this.#take(char)) throw NOT_LITERAL;
  }

  #match(regex: RegExp): RegExpExecArray | null {
    regex.lastIndex = this.#at;
    const match = regex.exec(this.text);
    if (match) this.#at += match[0].length;
    return match;
  }
}

function refuse(): never {
  throw NOT_LITERAL;
}

function keyText(key: unknown): string {
  if (key instanceof ExactNumber) return key.text;
  if (typeof key === "object" && key !== null) throw NOT_LITERAL;
  return String(key);
}

function unquote(prefix: string, quoted: string): string {
  if (!/^(?:[rR]?[bB]?|[bB][rR]|[uU])$/.test(prefix)) throw NOT_LITERAL;
  const quotes = /^(?:'''|""")/.test(quoted) ? 3 : 1;
  const inner = quoted.slice(quotes, -quotes);
  if (/r/i.test(prefix)) return inner;
  return inner.replace(
    /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([xuUN])|([^]))/g,
    (
      escape,
      octal?: string,
      x?: string,
      u?: string,
      long?: string,
      bad?: string,
      char?: string,
    ) => {
      if (octal) return String.fromCharCode(parseInt(octal, 8));
      const hex = x ?? u ?? long;
      const code = hex === undefined ? 0x110000 : parseInt(hex, 16);
      if (bad || (hex !== undefined && code > 0x10ffff)) throw NOT_LITERAL;
      if (hex !== undefined) return String.fromCodePoint(code);
      return PYTHON_ESCAPES[char ?? ""] ?? escape;
    },
  );
}
