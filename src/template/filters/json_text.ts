// JSON as Python's `json` reads and writes it.
import { TemplateError } from "../template_error.ts";
import { parseExact } from "../../json/exact_json.ts";
import { compareText, isNumeric } from "../values/compare.ts";
import { fromJson } from "../values/from_json.ts";
import { floatText, toText } from "../values/printed_text.ts";
import { checkWhole } from "../values/value_size.ts";
import {
  Callable,
  Dict,
  LazyMapping,
  TemplateObject,
  typeNameOf,
  Undefined,
  type Value,
} from "../values/template_value.ts";

/** How JSON is written. */
export interface JsonStyle {
  /** What each level is indented by; undefined: all in one line. */
  readonly indent: string | undefined;
  readonly sortsKeys: boolean;
  readonly separators: readonly [item: string, key: string];
  readonly isAscii: boolean;
}

/** Writes JSON. */
export function writeJson(value: Value, style: JsonStyle): string {
  checkWhole(value);
  return write(value, style, "\n");
}

function write(value: Value, style: JsonStyle, newline: string): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "boolean":
    case "bigint":
      return String(value);
    case "number":
      return Number.isFinite(value)
        ? floatText(value)
        : Number.isNaN(value)
        ? "NaN"
        : value > 0
        ? "Infinity"
        : "-Infinity";
    case "string":
      return jsonText(value, style.isAscii);
  }
  if (value instanceof Undefined) return value.fail();
  if (Array.isArray(value)) {
    const items = value;
    return enclose(
      "[]",
      items.length,
      style,
      newline,
      (inner) => items.map((item) => write(item, style, inner)),
    );
  }
  if (value instanceof LazyMapping) value = value.toDict();
  if (value instanceof Dict) {
    const entries = value.entries()
      .map(([key, member]) => [keyText(key), member, key] as const);
    if (style.sortsKeys) {
      const areNumbers = entries.every(([, , key]) => isNumeric(key));
      entries.sort(([a, , x], [b, , y]) =>
        areNumbers ? Number(x) - Number(y) : compareText(a, b)
      );
    }
    return enclose(
      "{}",
      entries.length,
      style,
      newline,
      (inner) =>
        entries.map(([key, member]) =>
          jsonText(key, style.isAscii) + style.separators[1] +
          write(member, style, inner)
        ),
    );
  }
  if (value instanceof TemplateObject && value.typeName === "datetime") {
    return jsonText(value.text().replace(" ", "T"), style.isAscii);
  }
  throw new TemplateError(
    `Object of type ${
      value instanceof Callable ? "function" : typeNameOf(value)
    } is not JSON serializable`,
  );
}

function enclose(
  marks: string,
  size: number,
  { indent, separators }: JsonStyle,
  newline: string,
  parts: (newline: string) => string[],
): string {
  const [open, close] = marks;
  if (size === 0) return marks;
  if (indent === undefined) {
    return open + parts(newline).join(separators[0]) + close;
  }
  const inner = newline + indent;
  return open + inner + parts(inner).join(separators[0] + inner) + newline +
    close;
}

function keyText(key: Value): string {
  if (key === null) return "null";
  if (typeof key === "boolean") return String(key);
  if (typeof key === "number" || typeof key === "bigint") return toText(key);
  if (typeof key === "string") return key;
  throw new TemplateError(
    `keys must be str, int, float, bool or None, not ${typeNameOf(key)}`,
  );
}

function jsonText(text: string, isAscii: boolean): string {
  const written = JSON.stringify(text);
  if (!isAscii) return written;
  return written.replace(
    /[\x7f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * Reads JSON.
 *
 * @throws {TemplateError} when it is malformed.
 */
export function readJson(text: string): Value {
  try {
    return fromJson(parseExact(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // JavaScript's message shows a piece of the text, which may be a secret.
    throw new TemplateError("the text is not JSON");
  }
}
