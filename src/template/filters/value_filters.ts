// Filters of any value: default, bool, int, ternary and the like.
import { orElse } from "../values/first_of.ts";
import { TemplateError } from "../template_error.ts";
import type { Filter } from "../run/library_types.ts";
import { divideToEven, roundTo } from "../values/decimal_text.ts";
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

/** No number of a template has more digits than this. */
const MAX_PLACES = 40_000;

const round: Filter = ["precision? method?", (value, { args }) => {
  const precision = toCount(args.precision ?? 0n);
  const method = toText(args.method ?? "common");
  if (method === "common") return roundValue(value, precision);
  if (method !== "ceil" && method !== "floor") {
    throw new TemplateError("method must be common, ceil or floor");
  }
  const scale = 10 ** precision;
  return Math[method](toFloat(value) * scale) / scale;
}];

/** Python's `round()`, which leaves whole numbers whole. */
function roundValue(value: Value, precision: number): Value {
  if (typeof value !== "bigint" && typeof value !== "boolean") {
    return roundTo(toFloat(value), precision);
  }
  const whole = BigInt(value);
  if (precision >= 0) return whole;
  const unit = 10n ** BigInt(Math.min(-precision, MAX_PLACES));
  const size = divideToEven(whole < 0n ? -whole : whole, unit) * unit;
  return whole < 0n ? -size : size;
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
