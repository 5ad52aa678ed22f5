// The tests of values: `is defined`, `is mapping`, `is in`, `is failed`.
import { TemplateError } from "../template_error.ts";
import type { Test } from "../run/library_types.ts";
import {
  compareValues,
  contains,
  isEqual,
  isNumeric,
  isTrue,
  itemsOf,
} from "../values/compare.ts";
import { applyBinary } from "../values/arithmetic.ts";
import { toText } from "../values/printed_text.ts";
import {
  Callable,
  Dict,
  LazyMapping,
  TemplateObject,
  Undefined,
  type Value,
} from "../values/template_value.ts";
import { toBoolean } from "./value_filters.ts";

function plain(holds: (value: Value) => boolean): Test {
  return ["", (value) => {
    if (value instanceof Undefined) value.fail();
    return holds(value);
  }];
}

/** A test of a value's type, which no undefined value passes. */
function ofType(holds: (value: Value) => boolean): Test {
  return ["", (value) => !(value instanceof Undefined) && holds(value)];
}

function compared(
  holds: (value: Value, other: Value) => boolean,
): Test {
  return ["other", (value, { args }) => holds(value, args.other!)];
}

const equal = compared(isEqual);
const unequal = compared((a, b) => !isEqual(a, b));
const less = compared((a, b) => compareValues(a, b, "<") < 0);
const atMost = compared((a, b) => compareValues(a, b, "<=") <= 0);
const greater = compared((a, b) => compareValues(a, b, ">") > 0);
const atLeast = compared((a, b) => compareValues(a, b, ">=") >= 0);

function isMapping(value: Value): boolean {
  return value instanceof Dict || value instanceof LazyMapping;
}

function isIterable(value: Value): boolean {
  if (typeof value === "string" || Array.isArray(value) || isMapping(value)) {
    return true;
  }
  return value instanceof TemplateObject && value.items() !== undefined;
}

/** A member of a module's result; false when it is absent. */
function ofResult(test: string, holds: (result: Dict) => boolean): Test {
  return plain((value) => {
    if (value instanceof LazyMapping) value = value.toDict();
    if (value instanceof Dict) return holds(value);
    throw new TemplateError(`The '${test}' test expects a dictionary`);
  });
}

function flag(result: Dict, name: string): boolean {
  return isTrue(result.get(name) ?? false);
}

function isChanged(result: Dict): boolean {
  const results = result.get("results");
  if (!result.has("changed") && Array.isArray(results)) {
    return results.some((each) =>
      each instanceof Dict && flag(each, "changed")
    );
  }
  return flag(result, "changed");
}

const failed = ofResult("failed", (result) => flag(result, "failed"));
const success = ofResult("success", (result) => !flag(result, "failed"));
const changed = ofResult("changed", isChanged);
const skipped = ofResult("skipped", (result) => flag(result, "skipped"));

function isTruthy(value: Value, converts: Value | undefined): boolean {
  return isTrue(isTrue(converts ?? false) ? toBoolean(value) : value);
}

function isWithin(values: Value, others: Value): boolean {
  const all = itemsOf(others);
  return itemsOf(values).every((each) => all.some((one) => isEqual(one, each)));
}

/** The tests of this file. */
export const VALUE_TESTS: Readonly<Record<string, Test>> = {
  defined: ["", (value) => !(value instanceof Undefined)],
  undefined: ["", (value) => value instanceof Undefined],
  none: ofType((value) => value === null),
  boolean: ofType((value) => typeof value === "boolean"),
  true: ofType((value) => value === true),
  false: ofType((value) => value === false),
  integer: ofType((value) => typeof value === "bigint"),
  float: ofType((value) => typeof value === "number"),
  number: ofType(isNumeric),
  string: ofType((value) => typeof value === "string"),
  mapping: ofType(isMapping),
  sequence: ofType((value) =>
    typeof value === "string" || Array.isArray(value) || isMapping(value)
  ),
  iterable: plain(isIterable),
  // Python can call an undefined value, too: that raises its error.
  callable: [
    "",
    (value) => value instanceof Callable || value instanceof Undefined,
  ],
  escaped: plain(() => false),
  lower: plain((value) => {
    const text = toText(value);
    return text === text.toLowerCase() && /\p{Ll}/u.test(text);
  }),
  upper: plain((value) => {
    const text = toText(value);
    return text === text.toUpperCase() && /\p{Lu}/u.test(text);
  }),
  odd: plain((value) => isEqual(applyBinary("%", value, 2n), 1n)),
  even: plain((value) => isEqual(applyBinary("%", value, 2n), 0n)),
  divisibleby: compared((a, b) => isEqual(applyBinary("%", a, b), 0n)),
  sameas: compared((a, b) => a === b),
  in: compared((a, b) => contains(b, a)),
  contains: compared((a, b) => contains(a, b)),
  eq: equal,
  equalto: equal,
  "==": equal,
  ne: unequal,
  "!=": unequal,
  lt: less,
  lessthan: less,
  "<": less,
  le: atMost,
  "<=": atMost,
  gt: greater,
  greaterthan: greater,
  ">": greater,
  ge: atLeast,
  ">=": atLeast,
  filter: ["", (value, _, services) => services.hasFilter(toText(value))],
  test: ["", (value, _, services) => services.hasTest(toText(value))],
  truthy: [
    "convert_bool?",
    (value, { args }) => isTruthy(value, args.convert_bool),
  ],
  falsy: [
    "convert_bool?",
    (value, { args }) => !isTruthy(value, args.convert_bool),
  ],
  all: plain((value) => itemsOf(value).every(isTrue)),
  any: plain((value) => itemsOf(value).some(isTrue)),
  subset: compared(isWithin),
  issubset: compared(isWithin),
  superset: compared((a, b) => isWithin(b, a)),
  issuperset: compared((a, b) => isWithin(b, a)),
  nan: plain((value) => typeof value === "number" && Number.isNaN(value)),
  failed,
  failure: failed,
  success,
  succeeded: success,
  successful: success,
  changed,
  change: changed,
  skipped,
  skip: skipped,
  unreachable: ofResult("unreachable", (result) => flag(result, "unreachable")),
  reachable: ofResult("reachable", (result) => !flag(result, "unreachable")),
  started: ofResult(
    "started",
    (result) => !result.has("started") || flag(result, "started"),
  ),
  finished: ofResult(
    "finished",
    (result) => !result.has("finished") || flag(result, "finished"),
  ),
};
