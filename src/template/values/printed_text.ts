// Values as Python prints them: `str()`, and `repr()` inside lists and dicts.
import { checkWhole } from "./value_size.ts";
import {
  Callable,
  Dict,
  LazyMapping,
  TemplateObject,
  Tuple,
  Undefined,
  type Value,
} from "./template_value.ts";

/** Python's `str()`. */
export function toText(value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof TemplateObject && !(value instanceof LazyMapping)) {
    return value.text();
  }
  checkWhole(value);
  return reprOf(value);
}

/** Python's `repr()`. */
export function reprOf(value: Value): string {
  if (value === null) return "None";
  switch (typeof value) {
    case "boolean":
      return value ? "True" : "False";
    case "bigint":
      return String(value);
    case "number":
      return floatText(value);
    case "string":
      return quoted(value);
  }
  if (Array.isArray(value)) {
    const items = value.map(reprOf);
    if (!(value instanceof Tuple)) return `[${items.join(", ")}]`;
    return items.length === 1 ? `(${items[0]},)` : `(${items.join(", ")})`;
  }
  if (value instanceof Dict) {
    const members = value.entries()
      .map(([key, member]) => `${reprOf(key)}: ${reprOf(member)}`);
    return `{${members.join(", ")}}`;
  }
  if (value instanceof Undefined) return value.isEmpty ? "" : value.fail();
  if (value instanceof Callable) return `<function ${value.name}>`;
  if (value instanceof LazyMapping) return reprOf(value.toDict());
  return value.text();
}

/** Python's `ascii()`. */
export function asciiOf(value: Value): string {
  return reprOf(value).replace(/[^\0-\x7f]/gu, escapeCharacter);
}

/** A fraction as Python writes it. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const [digits, exponent] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= 16 || power < -4) {
    const sign = power < 0 ? "-" : "+";
    return `${digits}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}

/** What Python's `repr()` escapes: controls, separators and lone surrogates. */
const UNPRINTABLE = /[\\\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/** Python's `str.isprintable()`. */
export function isPrintable(text: string): boolean {
  return text.replaceAll("\\", "").search(UNPRINTABLE) < 0;
}

function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(UNPRINTABLE, escapeCharacter);
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) +
    mark;
}

const SHORT: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function escapeCharacter(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  if (code <= 0xffff) return `\\u${hex.padStart(4, "0")}`;
  return `\\U${hex.padStart(8, "0")}`;
}
