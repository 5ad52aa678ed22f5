// The lookups that need no inventory: env, file, template, vars, and those that
// rearrange lists. Larger ones have files of their own.
import { csvfile } from "./csv_lookup.ts";
import { firstFound } from "./first_found.ts";
import { ini } from "./ini_lookup.ts";
import { subelements } from "./subelements_lookup.ts";
import { firstOf, orElse } from "../values/first_of.ts";
import { TemplateError } from "../template_error.ts";
import type { Lookup } from "../run/library_types.ts";
import type { Services } from "../run/services.ts";
import { isOn } from "../values/boolean_option.ts";
import { checkListLength } from "../values/bounds.ts";
import { itemsOf } from "../values/compare.ts";
import { pairsOf } from "../values/dict_methods.ts";
import { toInteger } from "../values/numbers.ts";
import { formatPercent } from "../values/percent_format.ts";
import { splitLines, stripText } from "../values/python_case.ts";
import { toText } from "../values/printed_text.ts";
import { usePattern } from "../values/use_pattern.ts";
import {
  Dict,
  Tuple,
  Undefined,
  type Value,
} from "../values/template_value.ts";

type Options = ReadonlyMap<string, Value>;

function flag(options: Options, name: string, otherwise: boolean): boolean {
  return isOn(options.get(name) ?? otherwise);
}

function readFile(
  term: Value,
  folder: string,
  lookup: string,
  { controller }: Services,
): string {
  const path = toText(term);
  const text = controller.readFile(path, folder);
  if (text !== undefined) return text;
  throw new TemplateError(
    `could not locate file in lookup('${lookup}'): ${path}`,
  );
}

const env: Lookup = (terms, options, { controller }) =>
  terms.map((term) => {
    const value = controller.env(toText(term));
    if (value !== undefined) return value;
    const instead = options.get("default");
    if (instead instanceof Undefined) instead.fail();
    return instead ?? "";
  });

const file: Lookup = (terms, options, services) =>
  terms.map((term) => {
    let text = readFile(term, "files", "file", services);
    if (flag(options, "lstrip", false)) text = text.trimStart();
    if (flag(options, "rstrip", true)) text = text.trimEnd();
    return text;
  });

/** The options of lookup('template') that are options of the syntax. */
const DELIMITERS = [
  "variable_start_string",
  "variable_end_string",
  "comment_start_string",
  "comment_end_string",
];

const template: Lookup = (terms, options, services) =>
  terms.map((term) => {
    const text = readFile(term, "templates", "template", services);
    const extra = options.get("template_vars");
    const more = extra === undefined
      ? []
      : pairsOf(extra).map(([key, value]) => [toText(key), value] as const);
    const syntax = DELIMITERS.flatMap((name) => {
      const value = options.get(name) ?? null;
      return value === null ? [] : [[name, toText(value)] as const];
    });
    return services.renderFile(toText(term), text, {
      more: new Map(more),
      syntax: Object.fromEntries(syntax),
    });
  });

const vars: Lookup = (terms, options, { variables }) =>
  terms.map((term) => {
    const name = toText(term);
    const value = firstOf(variables.get(name), options.get("default"));
    return orElse(
      value,
      () => new Undefined(`No variable found with this name: ${name}`).fail(),
    );
  });

const varNames: Lookup = (terms, _, { variables, bounds }) =>
  terms.flatMap((term) => {
    const names = variables.names();
    return usePattern(
      toText(term),
      {},
      bounds,
      (regex) => names.filter((name) => name.search(regex) >= 0),
    );
  });

const dict: Lookup = (terms) =>
  terms.flatMap((term) => (Array.isArray(term) ? term : [term]))
    .flatMap((each) =>
      pairsOf(each).map(([key, value]) =>
        Dict.of([["key", key], ["value", value]])
      )
    );

/** The items of all terms; any other term is one item. */
function flat(terms: readonly Value[]): Value[] {
  return terms.flatMap((term) => (Array.isArray(term) ? [...term] : [term]));
}

const nested: Lookup = (terms) => {
  const lists = terms.map((term) => itemsOf(term));
  checkListLength(lists.reduce((count, items) => count * items.length, 1));
  return lists.reduce<Value[][]>(
    (rows, items) => rows.flatMap((row) => items.map((item) => [...row, item])),
    [[]],
  );
};

const together: Lookup = (terms) => {
  const lists = terms.map((term) => itemsOf(term));
  const size = Math.max(0, ...lists.map((items) => items.length));
  return Array.from(
    { length: size },
    (_, at) => lists.map((items) => items[at] ?? null),
  );
};

const SHORT_SEQUENCE = /^(?:(-?\w+)-)?(-?\w+)(?:\/(\w+))?(?::(.+))?$/;

const sequence: Lookup = (terms, options) => {
  return terms.map(toText).flatMap((spec): Value[] => {
    const given = new Map(options);
    if (spec.includes("=")) {
      for (const word of spec.trim().split(/\s+/)) {
        const [name, value = ""] = word.split(/=(.*)/s);
        given.set(name!, value);
      }
    } else if (spec !== "") {
      const match = SHORT_SEQUENCE.exec(spec);
      if (match === null) {
        throw new TemplateError(`unknown error parsing sequence: '${spec}'`);
      }
      const names = ["start", "end", "stride", "format"];
      names.forEach((name, at) => {
        if (match[at + 1] !== undefined) given.set(name, match[at + 1]!);
      });
    }
    const number = (name: string) => {
      const value = given.get(name);
      return value === undefined ? undefined : Number(toInteger(value, 0));
    };
    const start = number("start") ?? 1;
    const stride = number("stride") ?? 1;
    const count = number("count");
    const end = number("end") ??
      (count === undefined ? undefined : start + (count - 1) * stride);
    if (end === undefined) {
      throw new TemplateError(
        "must specify count or end in lookup('sequence')",
      );
    }
    const size = stride === 0 ? 0 : Math.floor((end - start) / stride) + 1;
    checkListLength(size);
    const format = toText(given.get("format") ?? "%d");
    return Array.from(
      { length: Math.max(0, size) },
      (_, at) => formatPercent(format, BigInt(start + at * stride)),
    );
  });
};

const randomChoice: Lookup = (terms, _, { controller }) =>
  terms.length === 0 ? [] : [terms[controller.random(terms.length)]!];

const LETTERS: Readonly<Record<string, string>> = {
  ascii_lowercase: "abcdefghijklmnopqrstuvwxyz",
  ascii_uppercase: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  ascii_letters: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
  digits: "0123456789",
  hexdigits: "0123456789abcdefABCDEF",
  octdigits: "01234567",
  punctuation: "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
};

const password: Lookup = (terms, options, { controller }) =>
  terms.map((term) => {
    const [path = "", ...words] = toText(term).split(/\s+/);
    const given = new Map(options);
    for (const word of words) {
      const [name, value = ""] = word.split(/=(.*)/s);
      given.set(name!, value);
    }
    if ((given.get("encrypt") ?? null) !== null) {
      throw new TemplateError(
        "lookup('password') has no 'encrypt' in ftl: use password_hash",
      );
    }
    if ((given.get("seed") ?? null) !== null) {
      throw new TemplateError("lookup('password') takes no seed in ftl");
    }
    const length = Number(toInteger(given.get("length") ?? 20n));
    checkListLength(length);
    const chars = given.get("chars") ?? "ascii_letters,digits,.,:,-,_";
    const names = Array.isArray(chars)
      ? chars.map(toText)
      : toText(chars).replace(/,,/g, ",\0").split(",")
        .map((name) => name.replace("\0", ",")).filter((name) => name !== "");
    const letters = names.map((name) => LETTERS[name] ?? name).join("");
    return controller.keepPassword(path, () =>
      Array.from(
        { length },
        () => letters[controller.random(letters.length)],
      ).join(""));
  });

const pipe: Lookup = (terms, _, { controller }) =>
  terms.map((term) => stripText(controller.run(toText(term)), "right"));

const lines: Lookup = (terms, _, { controller }) =>
  terms.flatMap((term) => splitLines(controller.run(toText(term))));

/** The lookups by name. */
export const LOOKUPS: ReadonlyMap<string, Lookup> = new Map(
  Object.entries<Lookup>({
    env,
    file,
    unvault: (terms, _, services) =>
      terms.map((term) => readFile(term, "files", "unvault", services)),
    template,
    vars,
    varnames: varNames,
    dict,
    list: (terms) => [...terms],
    items: flat,
    flattened: (terms) => {
      const deep = (items: readonly Value[]): Value[] =>
        items.flatMap((item) => (Array.isArray(item) ? deep(item) : [item]));
      return deep(terms);
    },
    indexed_items: (terms) =>
      flat(terms).map((item, at) => Tuple.make([BigInt(at), item])),
    nested,
    together,
    sequence,
    random_choice: randomChoice,
    first_found: firstFound,
    password,
    pipe,
    lines,
    csvfile,
    ini,
    fileglob: (terms, _, { controller }) =>
      terms.flatMap((term) => controller.glob(toText(term), "files")),
    subelements,
  }),
);
