// Numbers that JavaScript would change: whole numbers beyond 2^53, 1.0, 1e400,
// -0. They keep their text, so that a value leaves ftl as it came.

/**
 * A number of JSON as its text. `String()`, templates and `JSON.stringify()`
 * write it unchanged.
 */
export class ExactNumber {
  /** A number in JSON's notation. */
  readonly text: string;

  /** Makes a number of its text. */
  constructor(text: string) {
    this.text = text;
  }

  /** The text. */
  toString(): string {
    return this.text;
  }

  /** The text, as JSON writes it. */
  toJSON(): unknown {
    return rawJson(this.text);
  }
}

/** The number of a text in JSON's notation; exact where JavaScript changes it. */
export function numberOf(text: string): number | ExactNumber {
  const number = Number(text);
  return String(number) === text ? number : new ExactNumber(text);
}

/** A whole number of any size. */
export function integerOf(value: bigint): number | ExactNumber {
  return numberOf(String(value));
}

const IN_JSON = /^-?(?:0|[1-9]\d*)(?:\.\d+(?:[eE][-+]?\d+)?|[eE][-+]?\d+)$/;

/**
 * A fraction of another notation than JSON's, by its text and its value. It keeps
 * the text that JSON allows; else a whole number ends in `.0`, as in Python.
 */
export function fractionOf(text: string, value: number): number | ExactNumber {
  if (IN_JSON.test(text)) return numberOf(text);
  if (!Number.isFinite(value)) return value;
  const written = Object.is(value, -0) ? "-0" : String(value);
  return /[.e]/.test(written) ? value : new ExactNumber(`${written}.0`);
}

/** Whether a value is a number, of either kind. */
export function isNumber(value: unknown): value is number | ExactNumber {
  return typeof value === "number" || value instanceof ExactNumber;
}

/**
 * Writes a text to JSON as it is.
 *
 * TypeScript's library lacks `JSON.rawJSON` (ECMAScript, JSON.parse source text
 * access).
 */
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;
