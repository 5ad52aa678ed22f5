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
import { capitalize, splitLines, stripText, titleCase } from "./python_case.ts";
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

function matches(hasAt: (text: string, part: string) => boolean): Method {
  return ["part start? end?", (text, { args: { part, start, end } }) => {
    const within = start === undefined ? text : text.slice(
      toCount(start),
      end === undefined ? undefined : toCount(end),
    );
    const parts = part instanceof Tuple ? part : [part!];
    return parts.some((one) => hasAt(within, expectText(one)));
  }];
}

function position(isLast: boolean, isStrict: boolean): Method {
  return ["part start?", (text, { args: { part, start } }) => {
    const from = start === undefined ? 0 : toCount(start);
    const at = isLast
      ? text.lastIndexOf(expectText(part))
      : text.indexOf(expectText(part), from);
    if (at < 0 && isStrict) throw new TemplateError("substring not found");
    return BigInt(at < 0 ? -1 : [...text.slice(0, at)].length);
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
  count: ["part", (text, { args }) => {
    const part = expectText(args.part);
    return BigInt(
      part === "" ? [...text].length + 1 : text.split(part).length - 1,
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
  isdigit: tells(/^\p{Nd}+$/u),
  isdecimal: tells(/^\p{Nd}+$/u),
  isnumeric: tells(/^\p{N}+$/u),
  isalpha: tells(/^\p{L}+$/u),
  isalnum: tells(/^[\p{L}\p{N}]+$/u),
  isspace: tells(/^\s+$/),
  isidentifier: tells(/^[\p{L}_][\p{L}\p{N}_]*$/u),
  islower: ["", (text) => text === text.toLowerCase() && /\p{Ll}/u.test(text)],
  isupper: ["", (text) => text === text.toUpperCase() && /\p{Lu}/u.test(text)],
  istitle: ["", (text) => /\p{L}/u.test(text) && titleCase(text) === text],
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

/** Python's `str.split()`. */
export function splitText(
  text: string,
  args: { sep?: Value | undefined; maxsplit?: Value | undefined },
  fromEnd = false,
): Value[] {
  const most = args.maxsplit === undefined ? -1 : toCount(args.maxsplit);
  if (args.sep === undefined || args.sep === null) {
    const words = text.trim().split(/\s+/).filter((word) => word !== "");
    if (most < 0 || words.length <= most + 1) return words;
    const trimmed = fromEnd ? text.trimEnd() : text.trimStart();
    const pattern = fromEnd
      ? new RegExp(`^(.*?)((?:\\s+\\S+){${most}})$`, "s")
      : new RegExp(`^((?:\\S+\\s+){${most}})(.*)$`, "s");
    const [, first = "", last = ""] = pattern.exec(trimmed) ?? [];
    return fromEnd
      ? [first.trim(), ...last.trim().split(/\s+/)].slice(0, most + 1)
      : [...first.trim().split(/\s+/), last].slice(-most - 1);
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
