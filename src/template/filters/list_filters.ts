// Filters of lists.
import { firstOf, orElse } from "../values/first_of.ts";
import { TemplateError } from "../template_error.ts";
import type { Filter } from "../run/library_types.ts";
import { checkListLength } from "../values/bounds.ts";
import { arrangements } from "../values/arrangements.ts";
import {
  compareValues,
  isEqual,
  isTrue,
  itemsOf,
  lengthOf,
} from "../values/compare.ts";
import { applyBinary } from "../values/arithmetic.ts";
import { itemOf, memberByPath } from "../values/members.ts";
import { toCount } from "../values/numbers.ts";
import { toText } from "../values/printed_text.ts";
import { checkWhole } from "../values/value_size.ts";
import { itemsWithout, ValueSet } from "../values/value_set.ts";
import {
  Dict,
  LazyMapping,
  Pair,
  Tuple,
  Undefined,
  type Value,
} from "../values/template_value.ts";

/** Texts in lower case, for comparisons that ignore case. */
function folded(value: Value, isSensitive: boolean): Value {
  return typeof value === "string" && !isSensitive
    ? value.toLowerCase()
    : value;
}

/** The values that items are sorted by. */
function keyOf(
  item: Value,
  attribute: Value | undefined,
  isSensitive: boolean,
): Value {
  if (attribute === undefined || attribute === null) {
    return folded(item, isSensitive);
  }
  if (typeof attribute === "string" && attribute.includes(",")) {
    return attribute.split(",")
      .map((path) => folded(memberByPath(item, path), isSensitive));
  }
  return folded(memberByPath(item, attribute), isSensitive);
}

const sort: Filter = [
  "reverse? case_sensitive? attribute?",
  (value, { args }) => {
    const sensitive = isTrue(args.case_sensitive ?? false);
    const sign = isTrue(args.reverse ?? false) ? -1 : 1;
    return itemsOf(value)
      .map((item) => ({ item, key: keyOf(item, args.attribute, sensitive) }))
      .toSorted((a, b) => sign * compareValues(a.key, b.key))
      .map(({ item }) => item);
  },
];

function extreme(sign: 1 | -1, name: string): Filter {
  return ["case_sensitive? attribute?", (value, { args }) => {
    const sensitive = isTrue(args.case_sensitive ?? false);
    const items = itemsOf(value);
    if (items.length === 0) {
      return new Undefined("No aggregated item, sequence was empty.");
    }
    const key = (item: Value) => keyOf(item, args.attribute, sensitive);
    return items.reduce((best, item) =>
      sign * compareValues(key(item), key(best), name === "min" ? "<" : ">") < 0
        ? item
        : best
    );
  }];
}

const unique: Filter = ["case_sensitive? attribute?", (value, { args }) => {
  const sensitive = isTrue(args.case_sensitive ?? false);
  return withoutDuplicates(
    itemsOf(value),
    (item) => keyOf(item, args.attribute, sensitive),
  );
}];

/** The first item of each key. */
function withoutDuplicates(
  items: readonly Value[],
  key: (item: Value) => Value = (item) => item,
): Value[] {
  const seen = new ValueSet();
  return items.filter((item) => seen.add(key(item)));
}

const groupBy: Filter = [
  "attribute default? case_sensitive?",
  (value, { args }) => {
    const sensitive = isTrue(args.case_sensitive ?? false);
    const read = (item: Value) => {
      const member = memberByPath(item, args.attribute!);
      return member instanceof Undefined && args.default !== undefined
        ? args.default
        : member;
    };
    const sorted = itemsOf(value)
      .map((item) => ({ item, name: read(item) }))
      .toSorted((a, b) =>
        compareValues(folded(a.name, sensitive), folded(b.name, sensitive))
      );
    const groups: { name: Value; items: Value[] }[] = [];
    for (const { item, name } of sorted) {
      const last = groups.at(-1);
      if (
        last !== undefined &&
        isEqual(folded(last.name, sensitive), folded(name, sensitive))
      ) last.items.push(item);
      else groups.push({ name, items: [item] });
    }
    return groups.map(({ name, items }) =>
      new Pair({ grouper: 0, list: 1 }, name, items)
    );
  },
];

const batch: Filter = ["linecount fill_with?", (value, { args }) => {
  const size = Math.max(1, toCount(args.linecount!));
  const items = itemsOf(value);
  const rows: Value[][] = [];
  for (let at = 0; at < items.length; at += size) {
    rows.push(items.slice(at, at + size));
  }
  const fill = args.fill_with;
  const last = rows.at(-1);
  if (fill !== undefined && fill !== null && last !== undefined) {
    checkListLength(size);
    while (last.length < size) last.push(fill);
  }
  return rows;
}];

const slice: Filter = ["slices fill_with?", (value, { args }) => {
  const count = toCount(args.slices!);
  checkListLength(count);
  const items = itemsOf(value);
  const size = Math.floor(items.length / count);
  const longer = items.length % count;
  let at = 0;
  return Array.from({ length: count }, (_, row) => {
    const end = at + size + (row < longer ? 1 : 0);
    const part = items.slice(at, end);
    at = end;
    const fill = args.fill_with;
    if (fill !== undefined && fill !== null && row >= longer) part.push(fill);
    return part;
  });
}];

const sum: Filter = ["attribute? start?", (value, { args }) => {
  const { attribute, start = 0n } = args;
  return itemsOf(value).reduce<Value>(
    (total, item) =>
      applyBinary(
        "+",
        total,
        attribute === undefined || attribute === null
          ? item
          : memberByPath(item, attribute),
      ),
    start,
  );
}];

/** All items of lists inside a list. */
export function flatten(
  items: readonly Value[],
  levels: number,
  skipsNulls: boolean,
): Value[] {
  return items.flatMap((item) => {
    if (skipsNulls && (item === null || item === "None" || item === "null")) {
      return [];
    }
    return Array.isArray(item) && levels > 0
      ? flatten(item, levels - 1, skipsNulls)
      : [item];
  });
}

/** A filter of two lists as sets. */
function ofSets(
  combine: (a: Value[], b: Value[]) => Value[],
): Filter {
  return [
    "other",
    (value, { args }) =>
      withoutDuplicates(combine(itemsOf(value), itemsOf(args.other!))),
  ];
}

const product: Filter = ["* repeat?", (value, { args, rest }) => {
  const lists = [value, ...rest].map(itemsOf);
  const repeat = toCount(args.repeat ?? 1n);
  checkListLength(repeat * lists.length);
  const all = Array.from({ length: repeat }, () => lists).flat();
  checkListLength(all.reduce((count, items) => count * items.length, 1));
  return all.reduce<Value[][]>(
    (rows, items) => rows.flatMap((row) => items.map((item) => [...row, item])),
    [[]],
  ).map((row) => Tuple.make(row));
}];

function zipped(isLongest: boolean): Filter {
  return ["* fillvalue?", (value, { args, rest }) => {
    const lists = [value, ...rest].map(itemsOf);
    const sizes = lists.map((items) => items.length);
    const size = isLongest ? Math.max(...sizes) : Math.min(...sizes);
    return Array.from(
      { length: size },
      (_, at) =>
        Tuple.make(
          lists.map((items) =>
            orElse(firstOf(items[at], args.fillvalue), () => null)
          ),
        ),
    );
  }];
}

const shuffle: Filter = ["seed?", (value, { args }, { controller }) => {
  if (args.seed !== undefined && args.seed !== null) refuseSeed("shuffle");
  const items = [...itemsOf(value)];
  for (let at = items.length - 1; at > 0; at--) {
    const other = controller.random(at + 1);
    [items[at], items[other]] = [items[other]!, items[at]!];
  }
  return items;
}];

/** The most numbers of which one is chosen. */
const MAX_RANDOM = 2 ** 32;

const random: Filter = [
  "start? step? seed?",
  (value, { args }, { controller }) => {
    if (args.seed !== undefined && args.seed !== null) refuseSeed("random");
    if (typeof value !== "bigint") {
      const items = itemsOf(value);
      return items.length === 0
        ? new Undefined("No random item, sequence was empty.")
        : items[controller.random(items.length)]!;
    }
    const start = toCount(args.start ?? 0n);
    const step = toCount(args.step ?? 1n) || 1;
    const count = Math.ceil((Number(value) - start) / step);
    if (count <= 0) throw new TemplateError("empty range for random");
    if (count > MAX_RANDOM) {
      throw new TemplateError(`random takes at most ${MAX_RANDOM} in ftl`);
    }
    return BigInt(start + step * controller.random(count));
  },
];

/** @throws {TemplateError} always. */
function refuseSeed(filter: string): never {
  throw new TemplateError(
    `${filter} takes no seed in ftl, because Python's generator is not here`,
  );
}

const first: Filter = ["", (value) => {
  const [item] = itemsOf(value);
  return orElse(
    item,
    () => new Undefined("No first item, sequence was empty."),
  );
}];

const last: Filter = [
  "",
  (value) =>
    orElse(
      itemsOf(value).at(-1),
      () => new Undefined("No last item, sequence was empty."),
    ),
];

const length: Filter = ["", (value) => BigInt(lengthOf(value))];

/** The filters of this file. */
export const LIST_FILTERS: Readonly<Record<string, Filter>> = {
  first,
  last,
  length,
  count: length,
  list: ["", (value) => [...itemsOf(value)]],
  reverse: [
    "",
    (value) =>
      typeof value === "string"
        ? [...value].reverse().join("")
        : [...itemsOf(value)].reverse(),
  ],
  sort,
  min: extreme(1, "min"),
  max: extreme(-1, "max"),
  unique,
  groupby: groupBy,
  batch,
  slice,
  sum,
  flatten: ["levels? skip_nulls?", (value, { args }) => {
    const { levels } = args;
    const depth = levels === undefined || levels === null
      ? Infinity
      : toCount(levels);
    checkWhole(value);
    return flatten(itemsOf(value), depth, isTrue(args.skip_nulls ?? true));
  }],
  union: ofSets((a, b) => [...a, ...b]),
  intersect: ofSets((a, b) => {
    const others = new ValueSet(b);
    return a.filter((item) => others.has(item));
  }),
  difference: ofSets(itemsWithout),
  symmetric_difference: ofSets((
    a,
    b,
  ) => [...itemsWithout(a, b), ...itemsWithout(b, a)]),
  product,
  permutations: ["size?", (value, { args }) => {
    const items = itemsOf(value);
    const size = args.size === undefined ? items.length : toCount(args.size);
    return arrangements(items, size, true);
  }],
  combinations: [
    "size",
    (value, { args }) =>
      arrangements(itemsOf(value), toCount(args.size!), false),
  ],
  zip: zipped(false),
  zip_longest: zipped(true),
  shuffle,
  random,
  extract: ["container morekeys?", (value, { args }) => {
    const { container, morekeys } = args;
    const more = morekeys === undefined || morekeys === null
      ? []
      : Array.isArray(morekeys)
      ? morekeys
      : [morekeys];
    return [value, ...more].reduce(
      (found, key) => itemOf(found, key),
      container!,
    );
  }],
  attr: ["name", (value, { args }) => {
    const name = toText(args.name!);
    return value instanceof Dict
      ? new Undefined(`'dict object' has no attribute '${name}'`)
      : itemOf(value, name);
  }],
  items: ["", (value) => {
    if (value instanceof Undefined) return [];
    if (value instanceof LazyMapping) value = value.toDict();
    if (value instanceof Dict) {
      return value.entries().map((entry) => Tuple.make(entry));
    }
    throw new TemplateError("Can only get item pairs from a mapping.");
  }],
};
