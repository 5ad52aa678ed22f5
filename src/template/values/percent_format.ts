// Python's `%` on a text: "%s has %03d" % (name, count).
import { TemplateError } from "../template_error.ts";
import { checkTextLength } from "./bounds.ts";
import { isNumeric } from "./compare.ts";
import { formatNumber, pad } from "./format_spec.ts";
import { asciiOf, reprOf, toText } from "./printed_text.ts";
import { toFloat, toInteger } from "./numbers.ts";
import { Dict, Tuple, typeNameOf, type Value } from "./template_value.ts";

const FIELD =
  /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]?([diouxXeEfFgGcrsa%])?/g;

/** Formats a text with a value, a tuple of values, or a dict. */
export function formatPercent(format: string, values: Value): string {
  const list = values instanceof Tuple ? [...values] : [values];
  let used = 0;
  let isNamed = false;
  const next = (): Value => {
    if (used >= list.length) {
      throw new TemplateError("not enough arguments for format string");
    }
    return list[used++]!;
  };
  const text = format.replace(
    FIELD,
    (field, name, flags, width, precision, kind) => {
      if (kind === undefined) throw new TemplateError("incomplete format");
      if (kind === "%") return "%";
      const sizeOf = (size: string | undefined) =>
        size === "*" ? Number(toInteger(next())) : size && Number(size);
      const columns = Number(sizeOf(width) || 0);
      checkTextLength(columns);
      const digits = field.includes(".")
        ? Number(sizeOf(precision) || 0)
        : undefined;
      checkTextLength(digits ?? 0);
      let value: Value;
      if (name === undefined) value = next();
      else {
        isNamed = true;
        value = memberOf(values, name);
      }
      return formatField(value, { kind, flags, columns, digits });
    },
  );
  const takesAll = isNamed || values instanceof Dict || used === list.length;
  if (!takesAll) {
    throw new TemplateError(
      "not all arguments converted during string formatting",
    );
  }
  return text;
}

function memberOf(values: Value, name: string): Value {
  if (!(values instanceof Dict)) {
    throw new TemplateError("format requires a mapping");
  }
  const value = values.get(name);
  if (value === undefined) throw new TemplateError(`KeyError: '${name}'`);
  return value;
}

interface Field {
  readonly kind: string;
  readonly flags: string;
  readonly columns: number;
  readonly digits: number | undefined;
}

function formatField(value: Value, field: Field): string {
  const { kind, flags, columns, digits } = field;
  const isLeft = flags.includes("-");
  if (/[srac]/.test(kind)) {
    const text = kind === "s" || kind === "c"
      ? (kind === "c" && typeof value === "bigint"
        ? String.fromCodePoint(Number(value))
        : toText(value))
      : kind === "a"
      ? asciiOf(value)
      : reprOf(value);
    const cut = digits === undefined
      ? text
      : [...text].slice(0, digits).join("");
    return pad(cut, { columns, align: isLeft ? "<" : ">", fill: " " });
  }
  if (!isNumeric(value)) {
    throw new TemplateError(
      `%${kind} format: a real number is required, not ${typeNameOf(value)}`,
    );
  }
  if (/[oxX]/.test(kind) && typeof value === "number") {
    throw new TemplateError(
      `%${kind} format: an integer is required, not float`,
    );
  }
  const number = /[diouxX]/.test(kind) ? toInteger(value) : toFloat(value);
  const type = /[iu]/.test(kind) ? "d" : kind;
  const text = typeof number === "bigint" && digits !== undefined
    ? String(number).padStart(digits, "0")
    : formatNumber(number, {
      type,
      precision: digits,
      sign: flags.includes("+") ? "+" : flags.includes(" ") ? " " : "-",
      alternate: flags.includes("#"),
      grouping: "",
    });
  const zero = flags.includes("0") && !isLeft;
  return pad(text, {
    columns,
    align: isLeft ? "<" : zero ? "=" : ">",
    fill: zero ? "0" : " ",
  });
}
