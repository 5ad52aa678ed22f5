// Numbers that JavaScript would change: whole numbers beyond 2^53, 1.0, 1e400,
// -0, and those that JSON lacks. They keep their text, so that a value leaves ftl
// as it came.

/**
 * A number as its text. `String()`, templates and `JSON.stringify()` write it
 * unchanged; but the latter writes `NaN`, `Infinity` and `-Infinity`, which JSON
 * lacks, as strings.
 */
export class ExactNumber {
  /** A number in JSON's notation, or in that of Python's `json`. */
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
    if (!LACKING.test(this.text)) return rawJson(this.text);
    return written === undefined ? this.text : written.mark + this.text;
  }
}

const LACKING = /^-?[IN]/;

/** What `stringifyExact()` is writing: `mark` starts what JSON lacks. */
let written: { readonly mark: string } | undefined;

/**
 * Writes JSON as Python's `json` reads and writes it: with `NaN`, `Infinity` and
 * `-Infinity`. `parseExact()` reads it.
 */
export function stringifyExact(value: unknown): string {
  written = { mark: MARK };
  try {
    // undefined for what has no JSON form, whatever TypeScript's library says.
    const text = JSON.stringify(value) as string | undefined;
    return (text?.includes(MARK) ? text.replace(MARKED, "$1") : text)!;
  } finally {
    written = undefined;
  }
}

/** No text can contain it. */
const MARK = crypto.randomUUID();
const MARKED = new RegExp(`"${MARK}(-?Infinity|NaN)"`, "g");

/** The number of a text; exact where JavaScript changes it, or JSON lacks it. */
export function numberOf(text: string): number | ExactNumber {
  const number = Number(text);
  const isKept = String(number) === text && Number.isFinite(number);
  return isKept ? number : new ExactNumber(text);
}

/** A whole number of any size. */
export function integerOf(value: bigint): number | ExactNumber {
  return numberOf(String(value));
}

const IN_JSON = /^-?(?:0|[1-9]\d*)(?:\.\d+(?:[eE][-+]?\d+)?|[eE][-+]?\d+)$/;

/**
 * A fraction of another notation than JSON's, by its text and its value. It keeps
 * the text that JSON allows; else a whole number ends in `.0`, as in Python, and
 * infinity and no number are written as in Python's `json`.
 */
export function fractionOf(text: string, value: number): number | ExactNumber {
  if (!Number.isFinite(value)) return numberOf(String(value));
  if (IN_JSON.test(text)) return numberOf(text);
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
