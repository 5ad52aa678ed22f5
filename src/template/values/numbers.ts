// Numbers from other values, as Python's `int()` and `float()` read them.
import { TemplateError } from "../template_error.ts";
import { typeNameOf, Undefined, type Value } from "./template_value.ts";
import { reprOf } from "./printed_text.ts";

/**
 * Python's `int()`.
 *
 * @throws {TemplateError} when the value is not a whole number.
 */
export function toInteger(value: Value, base = 10): bigint {
  if (value instanceof Undefined) value.fail();
  if (typeof value === "bigint") return value;
  if (typeof value === "boolean") return BigInt(value);
  if (typeof value === "number") {
    if (Number.isFinite(value)) return BigInt(Math.trunc(value));
    throw new TemplateError(`cannot convert float ${value} to integer`);
  }
  if (typeof value === "string") {
    const parsed = parseWhole(value, base);
    if (parsed !== undefined) return parsed;
    throw new TemplateError(
      `invalid literal for int() with base ${base}: ${reprOf(value)}`,
    );
  }
  throw new TemplateError(
    `int() argument must be a string or a number, not '${typeNameOf(value)}'`,
  );
}

/** The most digits of a whole number in a text: Python's own limit is 4300. */
const MAX_DIGITS = 4300;

const PREFIXES: Readonly<Record<number, RegExp>> = {
  2: /^0b/i,
  8: /^0o/i,
  16: /^0x/i,
};

/** A whole number written in a base; undefined when the text is not one. */
export function parseWhole(text: string, base = 10): bigint | undefined {
  const match = /^\s*([-+]?)(\w+)\s*$/.exec(text);
  if (match === null) return undefined;
  let digits = match[2]!;
  if (base === 0) {
    base = /^0b/i.test(digits)
      ? 2
      : /^0o/i.test(digits)
      ? 8
      : /^0x/i.test(digits)
      ? 16
      : 10;
  }
  const prefix = PREFIXES[base];
  if (prefix !== undefined) digits = digits.replace(prefix, "");
  if (!/^[0-9a-z]+(?:_[0-9a-z]+)*$/i.test(digits)) return undefined;
  if (digits.length > MAX_DIGITS) {
    throw new TemplateError(`a number has more than ${MAX_DIGITS} digits`);
  }
  let number = 0n;
  for (const digit of digits.replaceAll("_", "").toLowerCase()) {
    const worth = parseInt(digit, 36);
    if (worth >= base) return undefined;
    number = number * BigInt(base) + BigInt(worth);
  }
  return match[1] === "-" ? -number : number;
}

/**
 * Python's `float()`.
 *
 * @throws {TemplateError} when the value is not a number.
 */
export function toFloat(value: Value): number {
  if (value instanceof Undefined) value.fail();
  if (typeof value === "number") return value;
  if (typeof value === "bigint" || typeof value === "boolean") {
    return Number(value);
  }
  if (typeof value === "string") {
    const text = value.trim().toLowerCase();
    if (/^[-+]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[-+]?\d+)?$/.test(text)) {
      return Number(text.replaceAll("_", ""));
    }
    const special = /^([-+]?)(inf(?:inity)?|nan)$/.exec(text);
    if (special) {
      const number = special[2] === "nan" ? NaN : Infinity;
      return special[1] === "-" ? -number : number;
    }
    throw new TemplateError(
      `could not convert string to float: ${reprOf(value)}`,
    );
  }
  throw new TemplateError(
    `float() argument must be a string or a real number, not '${
      typeNameOf(value)
    }'`,
  );
}

/** A value as a count or a position. */
export function toCount(value: Value): number {
  return Number(toInteger(value));
}
