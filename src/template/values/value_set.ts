// Sets of any values, lists and dicts too, that take linear time: hosts decide how
// long a list of facts is.
import { isEqual } from "./compare.ts";
import {
  Dict,
  hashOf,
  TemplateObject,
  Tuple,
  Undefined,
  type Value,
} from "./template_value.ts";

/** Values, without those that equal an earlier one. */
export class ValueSet {
  readonly #buckets = new Map<string, Value[]>();

  constructor(values: Iterable<Value> = []) {
    for (const value of values) this.add(value);
  }

  has(value: Value): boolean {
    return this.#find(value)?.some((other) => isEqual(other, value)) ?? false;
  }

  /** Adds a value; returns false if the set has it. */
  add(value: Value): boolean {
    const found = this.#find(value) ?? [];
    if (found.some((other) => isEqual(other, value))) return false;
    const bucket = bucketOf(value);
    if (bucket === undefined) return true; // it equals nothing
    if (found.push(value) === 1) this.#buckets.set(bucket, found);
    return true;
  }

  #find(value: Value): Value[] | undefined {
    const bucket = bucketOf(value);
    return bucket === undefined ? undefined : this.#buckets.get(bucket);
  }
}

/** The items of a list that another lacks. */
export function itemsWithout(
  items: readonly Value[],
  others: readonly Value[],
): Value[] {
  const set = new ValueSet(others);
  return items.filter((item) => !set.has(item));
}

/** What equal values have in common; undefined for those that hold a NaN. */
function bucketOf(value: Value): string | undefined {
  if (value === null) return "null";
  if (typeof value === "string") return `${value.length}"${value}`;
  if (value instanceof Undefined) return value.isEmpty ? "?" : value.fail();
  if (Array.isArray(value)) {
    const items = value.map(bucketOf);
    if (items.includes(undefined)) return undefined;
    return `${value instanceof Tuple ? "(" : "["}${items.join(",")}]`;
  }
  if (value instanceof Dict) {
    const members = value.entries().map(([key, member]) =>
      [bucketOf(key), bucketOf(member)] as const
    );
    if (members.some((pair) => pair.includes(undefined))) return undefined;
    return `{${members.map((pair) => pair.join(":")).sort().join(",")}}`;
  }
  if (value instanceof TemplateObject) return `<${value.text()}>`;
  return Number.isNaN(value) ? undefined : String(hashOf(value));
}
