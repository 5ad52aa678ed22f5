// Truth, equality, order and membership of values, by Python's rules.
import { TemplateError } from "../template_error.ts";
import {
  Callable,
  Dict,
  LazyMapping,
  TemplateObject,
  Tuple,
  typeNameOf,
  Undefined,
  type Value,
} from "./template_value.ts";

/** Whether a value counts as true. */
export function isTrue(value: Value): boolean {
  if (value === null) return false;
  switch (typeof value) {
    case "boolean":
      return value;
    case "bigint":
      return value !== 0n;
    case "number":
      return value !== 0;
    case "string":
      return value !== "";
  }
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Dict) return value.size > 0;
  if (value instanceof Undefined) return value.isEmpty ? false : value.fail();
  if (value instanceof LazyMapping) return value.keys().length > 0;
  return true;
}

/** Whether a value is a number; booleans are numbers in Python. */
export function isNumeric(value: Value): value is boolean | bigint | number {
  return typeof value === "bigint" || typeof value === "number" ||
    typeof value === "boolean";
}

/** A number for arithmetic: booleans become whole numbers. */
export function numeric(value: boolean | bigint | number): bigint | number {
  return typeof value === "boolean" ? BigInt(value) : value;
}

/** Whether two values are equal. */
export function isEqual(a: Value, b: Value): boolean {
  if (a instanceof Undefined && !a.isEmpty) a.fail();
  if (b instanceof Undefined && !b.isEmpty) b.fail();
  if (isNumeric(a) && isNumeric(b)) {
    // deno-lint-ignore eqeqeq -- a bigint equals a number of the same value
    return numeric(a) == numeric(b);
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return (a instanceof Tuple) === (b instanceof Tuple) &&
      a.length === b.length && a.every((item, at) => isEqual(item, b[at]!));
  }
  if (a instanceof Dict && b instanceof Dict) {
    return a.size === b.size && a.entries().every(([key, value]) => {
      const other = b.get(key);
      return other !== undefined && isEqual(value, other);
    });
  }
  if (a instanceof TemplateObject && b instanceof TemplateObject) {
    return a === b ||
      (a.constructor === b.constructor && a.text() === b.text());
  }
  return a === b;
}

/**
 * Orders two values.
 *
 * @throws {TemplateError} when Python cannot compare their types.
 */
export function compareValues(a: Value, b: Value, sign = "<"): number {
  if (a instanceof Undefined) a.fail();
  if (b instanceof Undefined) b.fail();
  if (isNumeric(a) && isNumeric(b)) {
    const [left, right] = [numeric(a), numeric(b)];
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (
    Array.isArray(a) && Array.isArray(b) &&
    (a instanceof Tuple) === (b instanceof Tuple)
  ) {
    for (let at = 0; at < Math.min(a.length, b.length); at++) {
      if (!isEqual(a[at]!, b[at]!)) return compareValues(a[at]!, b[at]!, sign);
    }
    return a.length - b.length;
  }
  if (
    a instanceof TemplateObject && b instanceof TemplateObject &&
    a.constructor === b.constructor
  ) {
    return compareText(a.text(), b.text());
  }
  throw new TemplateError(
    `'${sign}' not supported between instances of '${typeNameOf(a)}' and '${
      typeNameOf(b)
    }'`,
  );
}

/** Orders texts by code points, not by UTF-16 units. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a[at] === b[at]) at++;
  if (at === length) return a.length - b.length;
  const isLow = (unit: string) => /[\udc00-\udfff]/.test(unit);
  if (at > 0 && (isLow(a[at]!) || isLow(b[at]!))) at--;
  return (a.codePointAt(at) ?? 0) - (b.codePointAt(at) ?? 0);
}

/** Python's `in`. */
export function contains(container: Value, value: Value): boolean {
  if (container instanceof Undefined) container.fail();
  if (typeof container === "string") {
    if (value instanceof Undefined) value.fail();
    if (typeof value !== "string") {
      throw new TemplateError(
        `'in <string>' requires string as left operand, not ${
          typeNameOf(value)
        }`,
      );
    }
    return container.includes(value);
  }
  if (Array.isArray(container)) {
    return container.some((item) => isEqual(item, value));
  }
  if (container instanceof Dict) return container.has(value);
  if (container instanceof LazyMapping) {
    return typeof value === "string" && container.item(value) !== undefined;
  }
  if (container instanceof TemplateObject) {
    const items = container.items();
    if (items !== undefined) return items.some((item) => isEqual(item, value));
  }
  throw new TemplateError(
    `argument of type '${typeNameOf(container)}' is not iterable`,
  );
}

/**
 * The items of a value: those of a list, the keys of a dict, the characters of a
 * text.
 *
 * @throws {TemplateError} when it is not iterable.
 */
export function itemsOf(value: Value): Value[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "string") return [...value];
  if (value instanceof Dict) return value.keys();
  if (value instanceof Undefined) return value.isEmpty ? [] : value.fail();
  if (value instanceof TemplateObject) {
    const items = value.items();
    if (items !== undefined) return items;
  }
  throw new TemplateError(`'${typeNameOf(value)}' object is not iterable`);
}

/**
 * The length of a value.
 *
 * @throws {TemplateError} when it has none.
 */
export function lengthOf(value: Value): number {
  if (typeof value === "string") {
    return /[\ud800-\udbff]/.test(value) ? [...value].length : value.length;
  }
  if (value instanceof Dict) return value.size;
  if (Array.isArray(value)) return value.length;
  if (value instanceof Undefined) return value.isEmpty ? 0 : value.fail();
  if (!(value instanceof TemplateObject) || value instanceof Callable) {
    throw new TemplateError(
      `object of type '${typeNameOf(value)}' has no len()`,
    );
  }
  return itemsOf(value).length;
}
