// Filters of dicts.
import { TemplateError } from "../template_error.ts";
import type { Filter } from "../run/library_types.ts";
import { compareValues, isEqual, isTrue, itemsOf } from "../values/compare.ts";
import { pairsOf } from "../values/dict_methods.ts";
import { ownItem } from "../values/members.ts";
import { reprOf, toText } from "../values/printed_text.ts";
import { itemsWithout } from "../values/value_set.ts";
import {
  Dict,
  LazyMapping,
  Tuple,
  typeNameOf,
  Undefined,
  type Value,
} from "../values/template_value.ts";
import { flatten } from "./list_filters.ts";

/** @throws {TemplateError} when a value is not a dict. */
function expectDict(filter: string, value: Value | undefined): Dict {
  if (value instanceof Undefined) value.fail();
  if (value instanceof LazyMapping) return value.toDict();
  if (value instanceof Dict) return value;
  throw new TemplateError(
    `${filter} requires a dictionary, got ${
      value === undefined ? "nothing" : typeNameOf(value)
    } instead.`,
  );
}

/** What becomes of two lists, or other values, under one key. */
const LIST_MERGES: Readonly<
  Record<string, (low: Value[], high: Value[]) => Value[]>
> = {
  replace: (_, high) => high,
  keep: (low) => low,
  append: (low, high) => [...low, ...high],
  prepend: (low, high) => [...high, ...low],
  append_rp: (low, high) => [...itemsWithout(low, high), ...high],
  prepend_rp: (low, high) => [...high, ...itemsWithout(low, high)],
};

/** A dict with the members of another, which win. */
export function merged(
  low: Dict,
  high: Dict,
  options: { isRecursive: boolean; listMerge: string },
): Dict {
  const { isRecursive, listMerge } = options;
  const mergeLists = LIST_MERGES[listMerge];
  if (mergeLists === undefined) {
    throw new TemplateError(
      `merge_hash: 'list_merge' argument can only be equal to ${
        Object.keys(LIST_MERGES).join(", ")
      }`,
    );
  }
  if (low.size === 0 || isEqual(low, high)) return high.copy();
  const dict = low.copy();
  for (const [key, value] of high.entries()) {
    const before = dict.get(key);
    if (before instanceof Dict && value instanceof Dict) {
      dict.set(key, isRecursive ? merged(before, value, options) : value);
    } else if (
      Array.isArray(before) && Array.isArray(value) && listMerge !== "replace"
    ) dict.set(key, mergeLists(before, value));
    else dict.set(key, value);
  }
  return dict;
}

const combine: Filter = ["* recursive? list_merge?", (value, call) => {
  const { args, rest } = call;
  const options = {
    isRecursive: isTrue(args.recursive ?? false),
    listMerge: toText(args.list_merge ?? "replace"),
  };
  const dicts = flatten([value, ...rest], 1, true)
    .map((each) => expectDict("combine", each));
  for (const dict of dicts) checkDefined(dict);
  const last = dicts.at(-1);
  if (last === undefined) return new Dict();
  return dicts.slice(0, -1)
    .reduceRight((high, low) => merged(low, high, options), last);
}];

/** Fails on what is undefined inside a value. */
function checkDefined(value: Value): void {
  if (value instanceof Undefined) value.fail();
  if (Array.isArray(value)) value.forEach(checkDefined);
  else if (value instanceof Dict) value.values().forEach(checkDefined);
}

const dictSort: Filter = ["case_sensitive? by? reverse?", (value, { args }) => {
  const at = toText(args.by ?? "key") === "value" ? 1 : 0;
  const sensitive = isTrue(args.case_sensitive ?? false);
  const sign = isTrue(args.reverse ?? false) ? -1 : 1;
  const key = (entry: [Value, Value]) => {
    const part = entry[at];
    return typeof part === "string" && !sensitive ? part.toLowerCase() : part;
  };
  return expectDict("dictsort", value).entries()
    .toSorted((a, b) => sign * compareValues(key(a), key(b)))
    .map((entry) => Tuple.make(entry));
}];

const subelements: Filter = [
  "subelements skip_missing?",
  (value, { args }) => {
    const owners = value instanceof Dict ? value.values() : itemsOf(value);
    const path = Array.isArray(args.subelements)
      ? args.subelements
      : toText(args.subelements!).split(".");
    return owners.flatMap((owner) => {
      let found: Value = owner;
      for (const name of path) {
        const next = ownItem(found, name);
        if (next === undefined) {
          if (isTrue(args.skip_missing ?? false)) return [];
          throw new TemplateError(
            `could not find ${reprOf(name)} key in iterated item ${
              reprOf(found)
            }`,
          );
        }
        found = next;
      }
      if (!Array.isArray(found)) {
        throw new TemplateError(
          `the key ${reprOf(path.at(-1) ?? null)} should point to a list, got ${
            reprOf(found)
          }`,
        );
      }
      return found.map((item) => Tuple.make([owner, item]));
    });
  },
];

const rekey: Filter = ["key duplicates?", (value, { args }) => {
  const items = value instanceof Dict ? value.values() : itemsOf(value);
  const overwrites = toText(args.duplicates ?? "error") === "overwrite";
  const rekeyed = new Dict();
  for (const item of items) {
    const key = ownItem(item, args.key!);
    if (key === undefined) {
      throw new TemplateError(`Key ${toText(args.key!)} was not found`);
    }
    if (rekeyed.has(key) && !overwrites) {
      throw new TemplateError(
        `Key ${toText(key)} is not unique, cannot correctly turn into dict`,
      );
    }
    rekeyed.set(key, item);
  }
  return rekeyed;
}];

/** The filters of this file. */
export const DICT_FILTERS: Readonly<Record<string, Filter>> = {
  combine,
  dictsort: dictSort,
  subelements,
  rekey_on_member: rekey,
  dict2items: ["key_name? value_name?", (value, { args }) => {
    const { key_name = "key", value_name = "value" } = args;
    return expectDict("dict2items", value).entries()
      .map(([key, member]) => Dict.of([[key_name, key], [value_name, member]]));
  }],
  items2dict: ["key_name? value_name?", (value, { args }) => {
    const { key_name = "key", value_name = "value" } = args;
    return Dict.of(
      itemsOf(value).map((item) => {
        const [key, member] = [
          ownItem(item, key_name),
          ownItem(item, value_name),
        ];
        if (key !== undefined && member !== undefined) return [key, member];
        throw new TemplateError(
          `items2dict requires each dictionary in the list to contain the keys '${
            toText(key_name)
          }' and '${toText(value_name)}', got ${reprOf(value)} instead.`,
        );
      }),
    );
  }],
  dict: ["", (value) => Dict.of(pairsOf(value))],
  dict_kv: ["key", (value, { args }) => Dict.of([[args.key!, value]])],
};
