// Filters of any value: default, bool, int, ternary and the like.
import { orElse } from "../values/first_of.ts";
import { TemplateError } from "../template_error.ts";
import type { Filter } from "../run/library_types.ts";
import { isNumeric, isTrue, numeric } from "../values/compare.ts";
import { parseWhole, toCount, toFloat, toInteger } from "../values/numbers.ts";
import { toText } from "../values/printed_text.ts";
import { typeNameOf, Undefined, type Value } from "../values/template_value.ts";

const otherwise: Filter = ["default_value? boolean?", (value, { args }) => {
  const isMissing = value instanceof Undefined ||
    (isTrue(args.boolean ?? false) && !isTrue(value));
  return isMissing ? orElse(args.default_value, () => "") : value;
}];

const int: Filter = ["default? base?", (value, { args }) => {
  const { default: instead = 0n, base = 10n } = args;
  if (value instanceof Undefined) value.fail();
  try {
    if (typeof value !== "string") return toInteger(value);
    return parseWhole(value, toCount(base)) ?? toInteger(toFloat(value));
  } catch (error) {
    if (error instanceof TemplateError) return instead;
    throw error;
  }
}];

const float: Filter = ["default?", (value, { args }) => {
  if (value instanceof Undefined) value.fail();
  try {
    return toFloat(value);
  } catch (error) {
    if (error instanceof TemplateError) {
      return orElse(args.default, () => 0);
    }
    throw error;
  }
}];

/** Ansible's `bool`: a few words are true, all others are false. */
export function toBoolean(value: Value): Value {
  if (value instanceof Undefined) value.fail();
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") {
    return ["yes", "on", "1", "true"].includes(value.toLowerCase());
  }
  return isNumeric(value) && Number(value) === 1;
}

const round: Filter = ["precision? method?", (value, { args }) => {
  const precision = toCount(args.precision ?? 0n);
  const method = toText(args.method ?? "common");
  const number = toFloat(value);
  if (method === "common") return roundHalfEven(number, precision);
  if (method !== "ceil" && method !== "floor") {
    throw new TemplateError("method must be common, ceil or floor");
  }
  const scale = 10 ** precision;
  return Math[method](number * scale) / scale;
}];

/** Python's `round()`: exact, and halves go to the even neighbor. */
function roundHalfEven(number: number, precision: number): number {
  if (!Number.isFinite(number)) return number;
  if (precision < 0) {
    const scale = 10 ** -precision;
    return roundHalfEven(number / scale, 0) * scale;
  }
  if (precision > 20) return number;
  const scaled = number * 10 ** precision;
  if (precision === 0 && Math.abs(scaled % 1) === 0.5) {
    return 2 * Math.round(scaled / 2);
  }
  // toFixed() rounds the exact value; halves that are exact go to the even digit.
  const text = number.toFixed(precision);
  const exact = number.toFixed(Math.min(100, precision + 30));
  const isHalf = /^50*$/.test(exact.slice(exact.length - 30));
  if (!isHalf || precision === 0) return Number(text);
  const down = Number(exact.slice(0, exact.length - 30));
  const isEven = Number(exact.at(-31)) % 2 === 0;
  return isEven ? down : Number(text);
}

/** The filters of this file. */
export const VALUE_FILTERS: Readonly<Record<string, Filter>> = {
  default: otherwise,
  d: otherwise,
  int,
  float,
  bool: ["", toBoolean],
  abs: ["", (value) => {
    if (value instanceof Undefined) value.fail();
    if (!isNumeric(value)) {
      throw new TemplateError(
        `bad operand type for abs(): '${typeNameOf(value)}'`,
      );
    }
    const number = numeric(value);
    return number < 0 ? -number : number;
  }],
  round,
  ternary: ["true_val false_val none_val?", (value, { args }) => {
    if (
      value === null && args.none_val !== undefined && args.none_val !== null
    ) {
      return args.none_val;
    }
    return (isTrue(value) ? args.true_val : args.false_val)!;
  }],
  mandatory: ["msg?", (value, { args }) => {
    if (!(value instanceof Undefined)) return value;
    const name = /^'(\w+)' is undefined/.exec(value.reason)?.[1];
    throw new TemplateError(
      args.msg === undefined || args.msg === null
        ? `Mandatory variable ${
          name === undefined ? "" : `'${name}' `
        } not defined.`
        : toText(args.msg),
    );
  }],
  type_debug: ["", (value) => typeNameOf(value)],
};
