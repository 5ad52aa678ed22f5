// YAML as PyYAML's `dump` (with libyaml) writes it: sorted keys, its styles of
// texts, its indentation and its breaks of long lines.
import { TemplateError } from "../template_error.ts";
import { compareValues } from "../values/compare.ts";
import { floatText } from "../values/printed_text.ts";
import { checkWhole } from "../values/value_size.ts";
import {
  Dict,
  LazyMapping,
  TemplateObject,
  typeNameOf,
  Undefined,
  type Value,
} from "../values/template_value.ts";
import { YamlLines } from "./yaml_lines.ts";
import { analyze, isOtherType } from "./yaml_forms.ts";

/** How YAML is written. */
export interface YamlStyle {
  /** `false`: blocks; `true`: brackets; undefined: brackets around leaves. */
  readonly flow: boolean | undefined;
  readonly indent: number;
  readonly width: number;
  readonly sortsKeys: boolean;
  /** Start with `---`. */
  readonly startsDocument: boolean;
  /** End with `...`. */
  readonly endsDocument: boolean;
  readonly isAscii: boolean;
  /** The quotes of all scalars; undefined: those that they need. */
  readonly quotes: "'" | '"' | undefined;
}

/** Longer keys, in characters, are written after `?`. */
const MAX_KEY = 128;

/** Writes a value as a document. */
export function writeYaml(value: Value, style: YamlStyle): string {
  checkWhole(value);
  return new YamlWriter(style).document(value);
}

/** Where a value stands. */
type Place = "root" | "item" | "member" | "key";

class YamlWriter {
  readonly #style: YamlStyle;
  readonly #lines: YamlLines;
  #flowDepth = 0;

  constructor(style: YamlStyle) {
    this.#style = style;
    this.#lines = new YamlLines(style);
  }

  document(value: Value): string {
    const lines = this.#lines;
    if (this.#style.startsDocument) {
      lines.startLine();
      lines.mark("---", { needsSpace: true });
    }
    this.#node(value, "root");
    lines.startLine();
    if (this.#style.endsDocument) {
      lines.mark("...", { needsSpace: true });
      lines.startLine();
    }
    return lines.text;
  }

  #node(value: Value, place: Place): void {
    if (value instanceof LazyMapping) value = value.toDict();
    if (value instanceof Dict || Array.isArray(value)) {
      if (this.#flowDepth > 0 || this.#isFlow(value)) this.#flow(value);
      else if (value instanceof Dict) this.#block(value);
      else this.#list(value, place);
      return;
    }
    this.#scalar(value, place);
  }

  #isFlow(value: Dict | Value[]): boolean {
    if (sizeOf(value) === 0) return true;
    const { flow, quotes } = this.#style;
    if (flow !== undefined || quotes !== undefined) return flow ?? false;
    const parts = value instanceof Dict
      ? [...value.keys(), ...value.values()]
      : value;
    return !parts.some(isCollection);
  }

  #scalar(value: Value, place: Place): void {
    const { text, isText } = scalarText(value);
    const outer = this.#lines.indentFor(true);
    const style = this.#scalarStyle(text, isText, place);
    const isTagged = this.#style.quotes !== undefined && !isText;
    if (isTagged) this.#lines.mark("!", { needsSpace: true });
    this.#lines.scalar(text, style, place !== "key");
    this.#lines.indent = outer;
  }

  #scalarStyle(text: string, isText: boolean, place: Place): "" | "'" | '"' {
    const { quotes, isAscii } = this.#style;
    const about = analyze(text, isAscii);
    const isKey = place === "key";
    if (quotes === '"') return '"';
    if (quotes === undefined) {
      const allowed = this.#flowDepth > 0 ? about.flowPlain : about.blockPlain;
      const isEmptyInPlace = text === "" && (this.#flowDepth > 0 || isKey);
      const isPlain = allowed && !isEmptyInPlace &&
        !(isKey && about.isMultiline) && !(isText && isOtherType(text));
      if (isPlain) return "";
    }
    return about.singleQuoted && !(isKey && about.isMultiline) ? "'" : '"';
  }

  #list(items: readonly Value[], place: Place): void {
    const isIndentless = place === "member" && !this.#lines.isIndenting;
    const outer = isIndentless
      ? this.#lines.indent
      : this.#lines.indentFor(false);
    for (const item of items) {
      this.#lines.startLine();
      this.#lines.mark("-", { needsSpace: true, indents: true });
      this.#node(item, "item");
    }
    this.#lines.indent = outer;
  }

  #block(dict: Dict): void {
    const lines = this.#lines;
    const outer = lines.indentFor(false);
    for (const [key, value] of this.#entries(dict)) {
      lines.startLine();
      if (this.#isSimpleKey(key)) {
        this.#node(key, "key");
        lines.mark(":", { needsSpace: false });
      } else {
        lines.mark("?", { needsSpace: true, indents: true });
        this.#node(key, "member");
        lines.startLine();
        lines.mark(":", { needsSpace: true, indents: true });
      }
      this.#node(value, "member");
    }
    lines.indent = outer;
  }

  #flow(value: Dict | Value[]): void {
    const lines = this.#lines;
    const [open, close] = value instanceof Dict ? "{}" : "[]";
    lines.mark(open!, { needsSpace: true, isSpace: true });
    const outer = lines.indentFor(true);
    this.#flowDepth++;
    let isFirst = true;
    const next = () => {
      if (!isFirst) lines.mark(",", { needsSpace: false });
      isFirst = false;
      lines.breakIfFull();
    };
    if (value instanceof Dict) {
      for (const [key, member] of this.#entries(value)) {
        next();
        if (this.#isSimpleKey(key)) {
          this.#node(key, "key");
          lines.mark(":", { needsSpace: false });
        } else {
          lines.mark("?", { needsSpace: true });
          this.#node(key, "member");
          lines.breakIfFull();
          lines.mark(":", { needsSpace: true });
        }
        this.#node(member, "member");
      }
    } else {
      for (const item of value) {
        next();
        this.#node(item, "item");
      }
    }
    lines.indent = outer;
    this.#flowDepth--;
    lines.mark(close!, { needsSpace: false });
  }

  #isSimpleKey(key: Value): boolean {
    if (isCollection(key)) return sizeOf(key) === 0;
    const { text } = scalarText(key);
    return new TextEncoder().encode(text).length <= MAX_KEY &&
      !analyze(text, false).isMultiline;
  }

  #entries(dict: Dict): [Value, Value][] {
    const entries = dict.entries();
    if (!this.#style.sortsKeys) return entries;
    try {
      return entries.toSorted(([a], [b]) => compareValues(a, b));
    } catch (error) {
      if (error instanceof TemplateError) return entries; // as PyYAML does
      throw error;
    }
  }
}

function isCollection(value: Value): value is Dict | Value[] {
  return value instanceof Dict || Array.isArray(value) ||
    value instanceof LazyMapping;
}

function sizeOf(value: Dict | Value[]): number {
  return value instanceof Dict ? value.size : value.length;
}

/** A scalar's text, and whether it is a text that must be read as one. */
function scalarText(value: Value): { text: string; isText: boolean } {
  if (value === null) return { text: "null", isText: false };
  switch (typeof value) {
    case "boolean":
    case "bigint":
      return { text: String(value), isText: false };
    case "number":
      return { text: yamlFloat(value), isText: false };
    case "string":
      return { text: value, isText: true };
  }
  if (value instanceof Undefined) value.fail();
  if (value instanceof TemplateObject && value.typeName === "datetime") {
    return { text: value.text(), isText: false };
  }
  throw new TemplateError(`cannot represent a ${typeNameOf(value)} in YAML`);
}

function yamlFloat(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
  const text = floatText(value);
  return !text.includes(".") ? text.replace("e", ".0e") : text;
}
