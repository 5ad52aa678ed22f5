// The lookup subelements: as the filter, but the items lack the list that was taken apart.
import type { Lookup } from "../run/library_types.ts";
import { NO_ARGUMENTS } from "../run/services.ts";
import { isOn } from "../values/boolean_option.ts";
import { itemsOf } from "../values/compare.ts";
import { toText } from "../values/printed_text.ts";
import { Dict, Tuple, type Value } from "../values/template_value.ts";

/** The terms: the items, the path of a list in each, and flags. */
export const subelements: Lookup = (terms, _, services) => {
  const [list = [], path = "", flags] = terms;
  const skips = flags instanceof Dict &&
    isOn(flags.get("skip_missing") ?? false);
  const owners = list instanceof Dict ? list.values() : itemsOf(list);
  const pairs = services.filter("subelements", owners.filter(isNotSkipped), {
    positional: [path, skips],
    named: NO_ARGUMENTS.named,
  });
  const names = toText(path).split(".");
  const shortened = new Map<Value, Value>();
  return itemsOf(pairs).map((pair) => {
    const [owner = null, item = null] = itemsOf(pair);
    const rest = shortened.get(owner) ?? without(owner, names);
    shortened.set(owner, rest);
    return Tuple.make([rest, item]);
  });
};

/** Results of tasks that were skipped have no list. */
function isNotSkipped(owner: Value): boolean {
  return !(owner instanceof Dict) || (owner.get("skipped") ?? false) === false;
}

/** A value without the member at a path. */
function without(value: Value, [name, ...inner]: readonly string[]): Value {
  if (!(value instanceof Dict)) return value;
  return Dict.of(
    value.entries().flatMap(([key, member]): [Value, Value][] => {
      if (key !== name) return [[key, member]];
      return inner.length === 0 ? [] : [[key, without(member, inner)]];
    }),
  );
}
