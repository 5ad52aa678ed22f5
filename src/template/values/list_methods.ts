// The methods of Python's lists and tuples.
import { TemplateError } from "../template_error.ts";
import {
  bindArguments,
  type Bound,
  type Parameters,
} from "./bind_arguments.ts";
import { checkListLength } from "./bounds.ts";
import { compareValues, isEqual, isTrue, itemsOf } from "./compare.ts";
import { toCount } from "./numbers.ts";
import { reprOf } from "./printed_text.ts";
import { Callable, Tuple, type Value } from "./template_value.ts";

type Method = readonly [
  parameters: Parameters,
  call: (list: Value[], args: Bound) => Value,
];

const BOTH: Readonly<Record<string, Method>> = {
  count: [
    "value",
    (list, { value }) =>
      BigInt(list.filter((item) => isEqual(item, value!)).length),
  ],
  index: ["value start?", (list, { value, start }) => {
    const from = start === undefined ? 0 : toCount(start);
    const at = list.findIndex((item, at) =>
      at >= from && isEqual(item, value!)
    );
    if (at < 0) throw new TemplateError(`${reprOf(value!)} is not in list`);
    return BigInt(at);
  }],
};

const OF_LISTS: Readonly<Record<string, Method>> = {
  append: ["value", (list, { value }) => {
    checkListLength(list.length + 1);
    list.push(value!);
    return null;
  }],
  extend: ["values", (list, { values }) => {
    const more = [...itemsOf(values!)];
    checkListLength(list.length + more.length);
    for (const item of more) list.push(item);
    return null;
  }],
  insert: ["index value", (list, { index, value }) => {
    checkListLength(list.length + 1);
    list.splice(toCount(index!), 0, value!);
    return null;
  }],
  pop: ["index?", (list, { index = -1n }) => {
    const at = toCount(index);
    const item = list.at(at);
    if (item === undefined) {
      throw new TemplateError(
        list.length === 0 ? "pop from empty list" : "pop index out of range",
      );
    }
    list.splice(at, 1);
    return item;
  }],
  remove: ["value", (list, { value }) => {
    const at = list.findIndex((item) => isEqual(item, value!));
    if (at < 0) throw new TemplateError("list.remove(x): x not in list");
    list.splice(at, 1);
    return null;
  }],
  reverse: ["", (list) => (list.reverse(), null)],
  sort: ["key? reverse?", (list, { reverse = false }) => {
    list.sort((a, b) => compareValues(a, b));
    if (isTrue(reverse)) list.reverse();
    return null;
  }],
  clear: ["", (list) => (list.length = 0, null)],
  copy: ["", (list) => [...list]],
};

/** A method of a list; undefined when it has none of that name. */
export function listMethod(list: Value[], name: string): Callable | undefined {
  const methods = list instanceof Tuple ? [BOTH] : [BOTH, OF_LISTS];
  for (const group of methods) {
    if (!Object.hasOwn(group, name)) continue;
    const [parameters, call] = group[name]!;
    return new Callable(
      name,
      (given) => call(list, bindArguments(name, parameters, given).args),
    );
  }
  return undefined;
}
