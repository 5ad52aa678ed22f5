// The methods of Python's str.
import { TemplateError } from "../template_error.ts";
import {
  bindArguments,
  type BoundCall,
  type Parameters,
} from "./bind_arguments.ts";
import { checkTextLength } from "./bounds.ts";
import { isTrue, itemsOf } from "./compare.ts";
import { pad } from "./format_spec.ts";
import { toCount } from "./numbers.ts";
import {
  ALL_SPACE,
  capitalize,
  splitLines,
  stripText,
  titleCase,
  WORD,
} from "./python_case.ts";
import { isPrintable } from "./printed_text.ts";
import { formatText } from "./text_format.ts";
import {
  Callable,
  Dict,
  Tuple,
  typeNameOf,
  type Value,
} from "./template_value.ts";

type Method = readonly [
  parameters: Parameters,
  call: (text: string, bound: BoundCall) => Value,
];

/** @throws {TemplateError} when the value is not a text. */
function expectText(value: Value | undefined): string {
  if (typeof value === "string") return value;
  throw new TemplateError(
    `expected str, not ${value === undefined ? "nothing" : typeNameOf(value)}`,
  );
}

function padded(align: string): Method {
  return ["width fill?", (text, { args }) => {
    const columns = toCount(args.width!);
    checkTextLength(columns);
    return pad(text, { columns, align, fill: expectText(args.fill ?? " ") });
  }];
}

/** The characters from `start` to `end`, which count from the end below zero. */
function within(
  text: string,
  { start, end }: BoundCall["args"],
): { part: string; before: number } {
  const isWhole = (start ?? null) === null && (end ?? null) === null;
  if (isWhole) return { part: text, before: 0 };
  const letters = [...text];
  const size = letters.length;
  const place = (value: Value | undefined, otherwise: number) => {
    if (value === undefined || value === null) return otherwise;
    const at = toCount(value);
    return at < 0 ? Math.max(0, at + size) : at;
  };
  const before = place(start, 0);
  const part = letters.slice(before, place(end, size)).join("");
  return { part, before };
}

function matches(hasAt: (text: string, part: string) => boolean): Method {
  return ["part start? end?", (text, { args }) => {
    const { part } = within(text, args);
    const parts = args.part instanceof Tuple ? args.part : [args.part!];
    return parts.some((one) => hasAt(part, expectText(one)));
  }];
}

function position(isLast: boolean, isStrict: boolean): Method {
  return ["part start? end?", (text, { args }) => {
    const { part, before } = within(text, args);
    const wanted = expectText(args.part);
    const at = isLast ? part.lastIndexOf(wanted) : part.indexOf(wanted);
    if (at < 0 && isStrict) throw new TemplateError("substring not found");
    return BigInt(at < 0 ? -1 : before + [...part.slice(0, at)].length);
  }];
}

function stripped(ends: "both" | "left" | "right"): Method {
  return [
    "chars?",
    (text, { args: { chars } }) =>
      stripText(
        text,
        ends,
        chars === undefined || chars === null ? undefined : expectText(chars),
      ),
  ];
}

function tells(pattern: RegExp): Method {
  return ["", (text) => pattern.test(text)];
}

const METHODS: Readonly<Record<string, Method>> = {
  lower: ["", (text) => text.toLowerCase()],
  upper: ["", (text) => text.toUpperCase()],
  casefold: ["", (text) => text.toLowerCase().replaceAll("ß", "ss")],
  capitalize: ["", capitalize],
  title: ["", titleCase],
  swapcase: [
    "",
    (text) =>
      text.replace(
        /\p{L}/gu,
        (letter) =>
          letter === letter.toLowerCase()
            ? letter.toUpperCase()
            : letter.toLowerCase(),
      ),
  ],
  strip: stripped("both"),
  lstrip: stripped("left"),
  rstrip: stripped("right"),
  startswith: matches((text, part) => text.startsWith(part)),
  endswith: matches((text, part) => text.endsWith(part)),
  removeprefix: ["part", (text, { args }) => {
    const part = expectText(args.part);
    return text.startsWith(part) ? text.slice(part.length) : text;
  }],
  removesuffix: ["part", (text, { args }) => {
    const part = expectText(args.part);
    return part !== "" && text.endsWith(part)
      ? text.slice(0, -part.length)
      : text;
  }],
  find: position(false, false),
  rfind: position(true, false),
  index: position(false, true),
  rindex: position(true, true),
  count: ["part start? end?", (text, { args }) => {
    const { part } = within(text, args);
    const wanted = expectText(args.part);
    return BigInt(
      wanted === "" ? [...part].length + 1 : part.split(wanted).length - 1,
    );
  }],
  replace: ["old new count?", (text, { args }) => {
    const count = args.count === undefined ? -1 : toCount(args.count);
    return replaceText(text, {
      old: expectText(args.old),
      by: expectText(args.new),
      count,
    });
  }],
  split: ["sep? maxsplit?", (text, { args }) => splitText(text, args)],
  rsplit: ["sep? maxsplit?", (text, { args }) => splitText(text, args, true)],
  splitlines: [
    "keepends?",
    (text, { args }) => splitLines(text, isTrue(args.keepends ?? false)),
  ],
  partition: ["sep", (text, { args }) => {
    const sep = expectText(args.sep);
    const at = text.indexOf(sep);
    return Tuple.make(
      at < 0
        ? [text, "", ""]
        : [text.slice(0, at), sep, text.slice(at + sep.length)],
    );
  }],
  rpartition: ["sep", (text, { args }) => {
    const sep = expectText(args.sep);
    const at = text.lastIndexOf(sep);
    return Tuple.make(
      at < 0
        ? ["", "", text]
        : [text.slice(0, at), sep, text.slice(at + sep.length)],
    );
  }],
  join: [
    "items",
    (text, { args }) => itemsOf(args.items!).map(expectText).join(text),
  ],
  ljust: padded("<"),
  rjust: padded(">"),
  center: padded("^"),
  zfill: ["width", (text, { args }) => {
    const columns = toCount(args.width!);
    checkTextLength(columns);
    return pad(text, { columns, align: "=", fill: "0" });
  }],
  expandtabs: ["tabsize?", (text, { args }) => {
    const size = args.tabsize === undefined ? 8 : toCount(args.tabsize);
    let column = 0;
    return text.replace(/[^]/gu, (character) => {
      if (character === "\n" || character === "\r") column = -1;
      const width = character === "\t" && size > 0 ? size - column % size : 1;
      column += width;
      return character === "\t" ? " ".repeat(size > 0 ? width : 0) : character;
    });
  }],
  isdigit: tells(/^[\p{Nd}\xb2\xb3\xb9\u2070\u2074-\u2079\u2080-\u2089]+$/u),
  isdecimal: tells(/^\p{Nd}+$/u),
  isnumeric: tells(/^\p{N}+$/u),
  isalpha: tells(/^\p{L}+$/u),
  isalnum: tells(/^[\p{L}\p{N}]+$/u),
  isspace: tells(ALL_SPACE),
  isidentifier: tells(/^[\p{L}_][\p{L}\p{N}_]*$/u),
  islower: ["", (text) => text === text.toLowerCase() && /\p{Ll}/u.test(text)],
  isupper: ["", (text) => text === text.toUpperCase() && /\p{Lu}/u.test(text)],
  istitle: ["", (text) => /\p{L}/u.test(text) && titleCase(text) === text],
  isprintable: ["", (text) => isPrintable(text)],
  isascii: ["", (text) => /^[\0-\x7f]*$/.test(text)],
  format: ["* **", (text, { rest, named }) => formatText(text, rest, named)],
  format_map: ["mapping", (text, { args: { mapping } }) => {
    if (!(mapping instanceof Dict)) {
      throw new TemplateError("format_map takes a dict");
    }
    const named = mapping.entries()
      .map(([key, value]) => [String(key), value] as const);
    return formatText(text, [], new Map(named));
  }],
  encode: ["encoding? errors?", (text) => text],
};

/** A method of a text; undefined when it has none of that name. */
export function textMethod(text: string, name: string): Callable | undefined {
  if (!Object.hasOwn(METHODS, name)) return undefined;
  const [parameters, call] = METHODS[name]!;
  return new Callable(
    name,
    (given) => call(text, bindArguments(name, parameters, given)),
  );
}

/** Python's `str.replace()`; a negative count replaces all. */
export function replaceText(
  text: string,
  { old, by, count }: { old: string; by: string; count: number },
): string {
  const parts = old === "" ? ["", ...text, ""] : text.split(old);
  if (count >= 0 && parts.length > count + 1) {
    const rest = parts.splice(count).join(old);
    parts.push(rest);
  }
  checkTextLength(text.length + by.length * parts.length);
  return parts.join(by);
}

type Word = readonly [word: string, at: number];

/** The words between white space, with their places. */
function splitWords(text: string): Word[] {
  return [...text.matchAll(WORD)].map(({ 0: word, index }) => [word, index]);
}

function wordEnd(word: Word | undefined): number {
  return word === undefined ? 0 : word[1] + word[0].length;
}

/** Python's `str.split()`. */
export function splitText(
  text: string,
  args: { sep?: Value | undefined; maxsplit?: Value | undefined },
  fromEnd = false,
): Value[] {
  const most = args.maxsplit === undefined ? -1 : toCount(args.maxsplit);
  if (args.sep === undefined || args.sep === null) {
    const words = splitWords(text);
    if (most < 0 || words.length <= most) return words.map(([word]) => word);
    const taken = fromEnd ? words.slice(words.length - most) : words.slice(
      0,
      most,
    );
    const rest = fromEnd
      ? stripText(text.slice(0, taken[0]?.[1]), "right")
      : stripText(text.slice(wordEnd(taken.at(-1))), "left");
    const whole = rest === "" ? [] : [rest];
    const found = taken.map(([word]) => word);
    return fromEnd ? [...whole, ...found] : [...found, ...whole];
  }
  const sep = expectText(args.sep);
  if (sep === "") throw new TemplateError("empty separator");
  const parts = text.split(sep);
  if (most < 0 || parts.length <= most + 1) return parts;
  return fromEnd
    ? [
      parts.slice(0, parts.length - most).join(sep),
      ...parts.slice(parts.length - most),
    ]
    : [...parts.slice(0, most), parts.slice(most).join(sep)];
}
