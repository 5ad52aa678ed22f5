// Values of inventories, arguments and JSON as values of templates, and back.
import { ExactNumber, fractionOf, integerOf } from "../../json/exact_number.ts";
import { TemplateError } from "../template_error.ts";
import { floatText, toText } from "./printed_text.ts";
import { checkWhole } from "./value_size.ts";
import {
  Dict,
  LazyMapping,
  TemplateObject,
  typeNameOf,
  Undefined,
  type Value,
} from "./template_value.ts";

/**
 * A copy of a value that templates can use.
 *
 * @param read Makes values of what is neither data nor a number: texts that are
 *   templates, encrypted values. Default: texts stay as they are.
 */
export function fromJson(
  value: unknown,
  read?: (leaf: unknown) => Value,
): Value {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case "boolean":
      return value;
    case "number":
      return Number.isSafeInteger(value) && !Object.is(value, -0)
        ? BigInt(value)
        : value;
    case "bigint":
      return value;
    case "string":
      return read === undefined ? value : read(value);
  }
  if (value instanceof ExactNumber) {
    return /^-?\d+$/.test(value.text) && value.text !== "-0"
      ? BigInt(value.text)
      : Number(value.text);
  }
  if (Array.isArray(value)) return value.map((item) => fromJson(item, read));
  if (value instanceof TemplateObject) return value;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    return read === undefined ? String(value) : read(value);
  }
  return Dict.of(
    Object.entries(value).map((
      [key, member],
    ) => [key, fromJson(member, read)]),
  );
}

/** JSON's types. */
export type Plain =
  | null
  | boolean
  | number
  | string
  | ExactNumber
  | Plain[]
  | { [name: string]: Plain };

/**
 * A value of a template as data. Members for which `omits` holds are left out.
 *
 * @throws {TemplateError} when it has no form in JSON.
 */
export function toJson(
  value: Value,
  omits: (value: Value) => boolean = () => false,
): Plain {
  checkWhole(value);
  return plainOf(value, omits);
}

function plainOf(value: Value, omits: (value: Value) => boolean): Plain {
  if (value === null || typeof value === "boolean") return value;
  switch (typeof value) {
    case "bigint":
      return integerOf(value);
    case "number":
      return Number.isFinite(value)
        ? fractionOf(floatText(value), value)
        : new ExactNumber(String(value));
    case "string":
      return value;
  }
  if (value instanceof Undefined) return value.fail();
  if (Array.isArray(value)) {
    return value.filter((item) => !omits(item)).map((item) =>
      plainOf(item, omits)
    );
  }
  if (value instanceof LazyMapping) value = value.toDict();
  if (value instanceof Dict) {
    return Object.fromEntries(
      value.entries().filter(([, member]) => !omits(member))
        .map(([key, member]) => [toText(key), plainOf(member, omits)]),
    );
  }
  if (value instanceof TemplateObject && value.typeName === "datetime") {
    return value.text();
  }
  throw new TemplateError(`a ${typeNameOf(value)} cannot be a value here`);
}
