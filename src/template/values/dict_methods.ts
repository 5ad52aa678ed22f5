// The methods of Python's dicts.
import { firstOf, orElse } from "./first_of.ts";
import { TemplateError } from "../template_error.ts";
import {
  bindArguments,
  type BoundCall,
  type Parameters,
} from "./bind_arguments.ts";
import { itemsOf } from "./compare.ts";
import { reprOf } from "./printed_text.ts";
import {
  Callable,
  Dict,
  LazyMapping,
  Tuple,
  type Value,
} from "./template_value.ts";

type Method = readonly [
  parameters: Parameters,
  call: (dict: Dict, bound: BoundCall) => Value,
];

const METHODS: Readonly<Record<string, Method>> = {
  items: ["", (dict) => dict.entries().map((entry) => Tuple.make(entry))],
  keys: ["", (dict) => dict.keys()],
  values: ["", (dict) => dict.values()],
  get: [
    "key default?",
    (dict, { args }) =>
      orElse(firstOf(dict.get(args.key!), args.default), () => null),
  ],
  pop: ["key default?", (dict, { args }) => {
    const value = firstOf(dict.get(args.key!), args.default);
    if (value === undefined) {
      throw new TemplateError(`KeyError: ${reprOf(args.key!)}`);
    }
    dict.delete(args.key!);
    return value;
  }],
  popitem: ["", (dict) => {
    const last = dict.entries().at(-1);
    if (last === undefined) {
      throw new TemplateError("KeyError: 'popitem(): dictionary is empty'");
    }
    dict.delete(last[0]);
    return Tuple.make(last);
  }],
  setdefault: ["key default?", (dict, { args }) => {
    const known = dict.get(args.key!);
    if (known !== undefined) return known;
    const value = args.default ?? null;
    dict.set(args.key!, value);
    return value;
  }],
  update: ["other? **", (dict, { args, named }) => {
    if (args.other !== undefined) {
      for (const [key, value] of pairsOf(args.other)) dict.set(key, value);
    }
    for (const [key, value] of named) dict.set(key, value);
    return null;
  }],
  copy: ["", (dict) => dict.copy()],
  clear: ["", (dict) => (dict.clear(), null)],
};

/** A method of a dict; undefined when it has none of that name. */
export function dictMethod(dict: Dict, name: string): Callable | undefined {
  if (!Object.hasOwn(METHODS, name)) return undefined;
  const [parameters, call] = METHODS[name]!;
  return new Callable(
    name,
    (given) => call(dict, bindArguments(name, parameters, given)),
  );
}

/**
 * The keys and values of a dict, or of a list of pairs.
 *
 * @throws {TemplateError} when it is neither.
 */
export function pairsOf(value: Value): [Value, Value][] {
  if (value instanceof Dict) return value.entries();
  if (value instanceof LazyMapping) return value.toDict().entries();
  return itemsOf(value).map((pair) => {
    const items = itemsOf(pair);
    if (items.length !== 2) {
      throw new TemplateError(
        `dictionary update sequence element has length ${items.length}; 2 is required`,
      );
    }
    return [items[0]!, items[1]!];
  });
}
