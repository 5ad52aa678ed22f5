// Python's format specifications, for `str.format()` and `format()`: "{:>8.2f}".
import { TemplateError } from "../template_error.ts";
import { checkTextLength } from "./bounds.ts";
import { isNumeric, lengthOf, numeric } from "./compare.ts";
import { exponentialText, fixedText, powerOfTen } from "./decimal_text.ts";
import { floatText, toText } from "./printed_text.ts";
import { typeNameOf, type Value } from "./template_value.ts";

/** How a number is written. */
export interface NumberFormat {
  readonly type: string;
  readonly precision: number | undefined;
  readonly sign: "+" | "-" | " ";
  readonly alternate: boolean;
  readonly grouping: "" | "," | "_";
}

const SPEC =
  /^(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/su;

/** Python's `format(value, spec)`. */
export function formatValue(value: Value, spec: string): string {
  if (spec === "") return toText(value);
  const match = SPEC.exec(spec);
  if (match === null) {
    throw new TemplateError(`Invalid format specifier '${spec}'`);
  }
  const [, fill, align, sign, , hash, zero, width, grouping, precision, type] =
    match;
  const columns = Number(width ?? 0);
  const digits = precision === undefined ? undefined : Number(precision);
  checkTextLength(columns);
  checkTextLength(digits ?? 0);
  if (!isNumeric(value)) {
    if (typeof value !== "string") {
      throw new TemplateError(
        `unsupported format string passed to ${typeNameOf(value)}.__format__`,
      );
    }
    if (type !== undefined && type !== "s") unknownCode(type, value);
    const text = digits === undefined
      ? value
      : [...value].slice(0, digits).join("");
    return pad(text, {
      columns,
      align: align ?? "<",
      fill: fill ?? (zero ? "0" : " "),
    });
  }
  if (type === "s") unknownCode(type, value);
  const text = formatNumber(numeric(value), {
    type: type ?? "",
    precision: digits,
    sign: (sign ?? "-") as NumberFormat["sign"],
    alternate: hash !== undefined,
    grouping: (grouping ?? "") as NumberFormat["grouping"],
  });
  return pad(text, {
    columns,
    align: align ?? (zero ? "=" : ">"),
    fill: fill ?? (zero ? "0" : " "),
  });
}

function unknownCode(type: string, value: Value): never {
  throw new TemplateError(
    `Unknown format code '${type}' for object of type '${typeNameOf(value)}'`,
  );
}

/** A number in a format, without padding. */
export function formatNumber(
  value: bigint | number,
  { type, precision, sign, alternate, grouping }: NumberFormat,
): string {
  const isNegative = value < 0 || Object.is(value, -0);
  const size = isNegative ? -value : value;
  const mark = isNegative ? "-" : sign === "-" ? "" : sign;
  return mark + digitsOf(size, { type, precision, alternate, grouping });
}

function digitsOf(
  size: bigint | number,
  { type, precision, alternate, grouping }: Omit<NumberFormat, "sign">,
): string {
  const radix = { b: 2, o: 8, x: 16, X: 16 }[type];
  if (typeof size === "bigint") {
    if (type === "c") return String.fromCodePoint(Number(size));
    if (radix !== undefined) {
      const text = size.toString(radix);
      const prefix = alternate ? `0${type}` : "";
      return prefix + (type === "X" ? text.toUpperCase() : text);
    }
    if (type === "" || type === "d" || type === "n") {
      return group(String(size), grouping);
    }
    size = Number(size);
  } else if (radix !== undefined || type === "d" || type === "c") {
    unknownCode(type, size);
  }
  if (!Number.isFinite(size)) return Number.isNaN(size) ? "nan" : "inf";
  switch (type) {
    case "f":
    case "F":
      return group(fixedText(size, precision ?? 6), grouping);
    case "%":
      return group(fixedText(size * 100, precision ?? 6), grouping) + "%";
    case "e":
    case "E": {
      const text = exponentialText(size, precision ?? 6);
      return type === "E" ? text.toUpperCase() : text;
    }
    case "":
      if (precision === undefined) return group(floatText(size), grouping);
  }
  const text = general(size, precision ?? 6, alternate);
  const whole = type === "" && !/[.e]/.test(text) ? `${text}.0` : text;
  return group(type === "G" ? whole.toUpperCase() : whole, grouping);
}

function general(size: number, precision: number, alternate: boolean): string {
  const digits = precision || 1;
  const power = powerOfTen(size, digits - 1);
  const text = power < -4 || power >= digits
    ? exponentialText(size, digits - 1)
    : fixedText(size, digits - 1 - power);
  if (alternate || !text.includes(".")) return text;
  return text.replace(/\.?0+(?=e|$)/, "");
}

function group(text: string, mark: string): string {
  if (mark === "") return text;
  const [whole, ...rest] = text.split(".");
  return [whole!.replace(/\B(?=(?:\d{3})+$)/g, mark), ...rest].join(".");
}

/** Fills a text up to a width. */
export function pad(
  text: string,
  { columns, align, fill }: { columns: number; align: string; fill: string },
): string {
  const missing = columns - lengthOf(text);
  if (missing <= 0) return text;
  switch (align) {
    case "<":
      return text + fill.repeat(missing);
    case "^": {
      const before = Math.floor(missing / 2);
      return fill.repeat(before) + text + fill.repeat(missing - before);
    }
    case "=": {
      const lead = /^[-+ ]?(?:0[xXob])?/.exec(text)![0];
      return lead + fill.repeat(missing) + text.slice(lead.length);
    }
    default:
      return fill.repeat(missing) + text;
  }
}
