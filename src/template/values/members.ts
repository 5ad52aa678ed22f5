// Attributes, items and slices of values: `a.b`, `a['b']`, `a[1:]`.
import { orElse } from "./first_of.ts";
import { TemplateError } from "../template_error.ts";
import { dictMethod } from "./dict_methods.ts";
import { listMethod } from "./list_methods.ts";
import { toCount } from "./numbers.ts";
import { textMethod } from "./text_methods.ts";
import {
  Callable,
  Dict,
  Pair,
  TemplateObject,
  Tuple,
  typeNameOf,
  Undefined,
  undefinedMember,
  type Value,
} from "./template_value.ts";

/** Jinja's `a.name`: an attribute first, then an item. */
export function attributeOf(value: Value, name: string): Value {
  const attribute = ownAttribute(value, name);
  if (attribute !== undefined) return attribute;
  return orElse(ownItem(value, name), () => missing(value, name));
}

/** Jinja's `a[key]`: an item first, then an attribute. */
export function itemOf(value: Value, key: Value): Value {
  const item = ownItem(value, key);
  if (item !== undefined) return item;
  const attribute = typeof key === "string"
    ? ownAttribute(value, key)
    : undefined;
  return orElse(attribute, () => missing(value, key));
}

/** An item without the attributes; undefined when there is none. */
export function ownItem(value: Value, key: Value): Value | undefined {
  if (key instanceof Undefined) {
    if (value instanceof Undefined) return value;
    if (value instanceof Dict || value instanceof TemplateObject) key.fail();
    return undefined;
  }
  if (value instanceof Dict) {
    return Array.isArray(key) && !(key instanceof Tuple) ||
        key instanceof Dict
      ? undefined
      : value.get(key);
  }
  if (value instanceof TemplateObject) return value.item(key);
  const isIndex = typeof key === "bigint" || typeof key === "boolean";
  if (!isIndex) return undefined;
  if (Array.isArray(value)) return value.at(Number(key));
  if (typeof value === "string") {
    return /[\ud800-\udbff]/.test(value)
      ? [...value].at(Number(key))
      : value.at(Number(key));
  }
  return undefined;
}

function missing(value: Value, key: Value): Value {
  return value instanceof Undefined ? value : undefinedMember(value, key);
}

function ownAttribute(value: Value, name: string): Value | undefined {
  if (typeof value === "string") return textMethod(value, name);
  if (value instanceof Dict) return dictMethod(value, name);
  if (value instanceof Pair && Object.hasOwn(value.names, name)) {
    return value[value.names[name]!];
  }
  if (Array.isArray(value)) return listMethod(value, name);
  if (value instanceof TemplateObject) return value.attribute(name);
  if (value instanceof Callable) return value.attributes?.get(name);
  return undefined;
}

/** The bounds of a slice; undefined where there is none. */
export interface Slice {
  readonly start: Value | undefined;
  readonly stop: Value | undefined;
  readonly step: Value | undefined;
}

/** Python's `value[start:stop:step]`. */
export function sliceOf(value: Value, { start, stop, step }: Slice): Value {
  if (value instanceof Undefined) return value;
  const items = typeof value === "string" ? [...value] : value;
  if (!Array.isArray(items)) {
    throw new TemplateError(`'${typeNameOf(value)}' object cannot be sliced`);
  }
  const by = isAbsent(step) ? 1 : toCount(step);
  if (by === 0) throw new TemplateError("slice step cannot be zero");
  const size = items.length;
  const bound = (given: Value | undefined, otherwise: number) => {
    if (isAbsent(given)) return otherwise;
    const at = toCount(given);
    const [low, high] = by > 0 ? [0, size] : [-1, size - 1];
    return Math.min(Math.max(at < 0 ? at + size : at, low), high);
  };
  const from = bound(start, by > 0 ? 0 : size - 1);
  const to = bound(stop, by > 0 ? size : -1);
  const picked: Value[] = [];
  for (let at = from; by > 0 ? at < to : at > to; at += by) {
    picked.push(items[at]!);
  }
  if (typeof value === "string") return picked.join("");
  return value instanceof Tuple ? Tuple.make(picked) : picked;
}

function isAbsent(value: Value | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/** A member by a path with dots, as filters take attributes: "a.b.0". */
export function memberByPath(value: Value, path: Value): Value {
  if (typeof path === "bigint") return itemOf(value, path);
  if (path === null) return value;
  if (typeof path !== "string") return itemOf(value, path);
  let member = value;
  for (const part of path.split(".")) {
    member = itemOf(member, /^\d+$/.test(part) ? BigInt(part) : part);
  }
  return member;
}
