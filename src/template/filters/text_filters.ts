// Filters of texts.
import { TemplateError } from "../template_error.ts";
import type { Filter } from "../run/library_types.ts";
import { checkTextLength } from "../values/bounds.ts";
import { isTrue, itemsOf, lengthOf } from "../values/compare.ts";
import { pairsOf } from "../values/dict_methods.ts";
import { pad } from "../values/format_spec.ts";
import { memberByPath } from "../values/members.ts";
import { toCount } from "../values/numbers.ts";
import { formatPercent } from "../values/percent_format.ts";
import { capitalize, splitLines, stripText } from "../values/python_case.ts";
import { toText } from "../values/printed_text.ts";
import { replaceText, splitText } from "../values/text_methods.ts";
import {
  Dict,
  LazyMapping,
  Tuple,
  type Value,
} from "../values/template_value.ts";
import { percentEncode } from "./url_filters.ts";
import { wrapLines } from "./word_wrap.ts";
import { unescapeMarkup } from "./markup_text.ts";

/** A filter of a text without arguments. */
function ofText(change: (text: string) => Value): Filter {
  return ["", (value) => change(toText(value))];
}

/** As HTML, with Python's escapes. */
function escapeHtml(text: string): string {
  const marks: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&#34;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (mark) => marks[mark]!);
}

const escape = ofText(escapeHtml);
const same = ofText((text) => text);

const indent: Filter = ["width? first? blank?", (value, { args }) => {
  const { width = 4n, first = false, blank = false } = args;
  const lead = typeof width === "string" ? width : " ".repeat(toCount(width));
  const text = toText(value);
  const [head = "", ...others] = splitLines(
    text.endsWith("\n") ? text + "\n" : text,
  );
  const body = others.map((line) =>
    line === "" && !isTrue(blank) ? line : lead + line
  );
  checkTextLength(text.length + lead.length * body.length);
  const all = [head, ...body].join("\n");
  return isTrue(first) ? lead + all : all;
}];

const truncate: Filter = [
  "length? killwords? end? leeway?",
  (value, { args }) => {
    const { length = 255n, killwords = false, end = "...", leeway = 5n } = args;
    const letters = [...toText(value)];
    const [size, mark] = [toCount(length), toText(end)];
    if (letters.length <= size + toCount(leeway)) return letters.join("");
    const kept = letters.slice(0, size - lengthOf(mark)).join("");
    if (isTrue(killwords)) return kept + mark;
    const space = kept.lastIndexOf(" ");
    return (space < 0 ? kept : kept.slice(0, space)) + mark;
  },
];

const urlEncode: Filter = ["", (value) => {
  if (
    !(value instanceof Dict) &&
    (typeof value === "string" || !Array.isArray(value))
  ) {
    return percentEncode(toText(value), "/");
  }
  return pairsOf(value)
    .map((pair) =>
      pair.map((part) => percentEncode(toText(part), "").replaceAll("%20", "+"))
        .join("=")
    )
    .join("&");
}];

const join: Filter = ["d? attribute?", (value, { args }) => {
  const { d = "", attribute } = args;
  const items = attribute === undefined
    ? itemsOf(value)
    : itemsOf(value).map((item) => memberByPath(item, attribute));
  const texts = items.map(toText);
  const between = toText(d);
  checkTextLength(
    texts.reduce((sum, text) => sum + text.length + between.length, 0),
  );
  return texts.join(between);
}];

const COMMENT_STYLES: Readonly<
  Record<string, Readonly<Record<string, string>>>
> = {
  plain: { decoration: "# " },
  erlang: { decoration: "% " },
  c: { decoration: "// " },
  cblock: { beginning: "/*", decoration: " * ", end: " */" },
  xml: { beginning: "<!--", decoration: " - ", end: "-->" },
};

const comment: Filter = ["style? **", (value, { args, named }) => {
  const style = toText(args.style ?? "plain");
  const defaults = COMMENT_STYLES[style];
  if (defaults === undefined) {
    throw new TemplateError(`comment has no style '${style}'`);
  }
  const option = (name: string, otherwise: string) => {
    const given = named.get(name);
    return given === undefined ? defaults[name] ?? otherwise : toText(given);
  };
  const count = (name: string) => toCount(named.get(name) ?? 1n);
  const newline = option("newline", "\n");
  const decoration = option("decoration", "");
  const edge = decoration.trimEnd();
  const [beginning, end] = [option("beginning", ""), option("end", "")];
  const prefix = option("prefix", edge);
  const body = decoration +
    toText(value).replaceAll(newline, newline + decoration);
  return [
    beginning === "" ? "" : beginning + newline,
    prefix === "" ? "" : (prefix === newline ? newline : prefix + newline)
      .repeat(count("prefix_count")),
    body.replaceAll(decoration + newline, edge + newline),
    (newline + option("postfix", edge)).repeat(count("postfix_count")),
    end === "" ? "" : newline + end,
  ].join("");
}];

/** The filters of this file. */
export const TEXT_FILTERS: Readonly<Record<string, Filter>> = {
  capitalize: ofText(capitalize),
  lower: ofText((text) => text.toLowerCase()),
  upper: ofText((text) => text.toUpperCase()),
  title: ofText((text) =>
    text.split(/([-\s({[<]+)/).map((part) => capitalize(part)).join("")
  ),
  string: same,
  safe: same,
  forceescape: escape,
  escape,
  e: escape,
  striptags: ofText((text) =>
    unescapeMarkup(
      text.replace(/<!--[^]*?-->/g, "").replace(/<[^>]*>/g, "")
        .replace(/\s+/g, " ").trim(),
    )
  ),
  trim: ["chars?", (value, { args }) => {
    const { chars } = args;
    return stripText(
      toText(value),
      "both",
      chars === undefined || chars === null ? undefined : toText(chars),
    );
  }],
  center: ["width?", (value, { args }) => {
    const text = toText(value);
    const columns = toCount(args.width ?? 80n);
    checkTextLength(columns);
    const missing = columns - lengthOf(text);
    if (missing <= 0) return text;
    const before = Math.floor(missing / 2) + (missing & columns & 1);
    return pad(" ".repeat(before) + text, { columns, align: "<", fill: " " });
  }],
  replace: ["old new count?", (value, { args }) =>
    replaceText(toText(value), {
      old: toText(args.old!),
      by: toText(args.new!),
      count: args.count === undefined || args.count === null
        ? -1
        : toCount(args.count),
    })],
  format: ["* **", (value, { rest, named }) => {
    const values = named.size > 0 ? Dict.of(named) : Tuple.make(rest);
    return formatPercent(toText(value), values);
  }],
  split: [
    "sep? maxsplit?",
    (value, { args }) => splitText(toText(value), args),
  ],
  indent,
  truncate,
  wordwrap: [
    "width? break_long_words? wrapstring? break_on_hyphens?",
    (value, { args }) => {
      const wrapped = wrapLines(toText(value), {
        width: toCount(args.width ?? 79n),
        breaksWords: isTrue(args.break_long_words ?? true),
        breaksHyphens: isTrue(args.break_on_hyphens ?? true),
      });
      return wrapped.join(toText(args.wrapstring ?? "\n"));
    },
  ],
  wordcount: ofText((text) =>
    BigInt((text.match(/[\p{L}\p{N}_]+/gu) ?? []).length)
  ),
  urlencode: urlEncode,
  join,
  comment,
  quote: ["", (value) => {
    const text = value === null ? "" : toText(value);
    if (text === "") return "''";
    if (/^[\w@%+=:,./-]+$/.test(text)) return text;
    return `'${text.replaceAll("'", `'"'"'`)}'`;
  }],
  pprint: ["", (value) => prettyText(value)],
};

/** Python's pprint, for values that fit one line. */
function prettyText(value: Value): string {
  if (value instanceof LazyMapping) value = value.toDict();
  if (typeof value === "string") return toText([value]).slice(1, -1);
  return toText(sorted(value));
}

/** Dicts with their keys in order, as pprint shows them. */
function sorted(value: Value): Value {
  if (value instanceof Dict) {
    const entries = value.entries()
      .map(([key, member]) => [key, sorted(member)] as const)
      .toSorted(([a], [b]) => (toText(a) < toText(b) ? -1 : 1));
    return Dict.of(entries);
  }
  if (value instanceof Tuple) return Tuple.make(value.map(sorted));
  return Array.isArray(value) ? value.map(sorted) : value;
}
