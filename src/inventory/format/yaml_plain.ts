// Reads the YAML of nearly every inventory line by line: block mappings and lists,
// scalars and flow collections of one line. This is ten times as fast as yaml.ts,
// which twenty thousand hosts need. Any other syntax is left to yaml.ts: nothing
// is guessed, and no error is reported here. yaml_plain_test.ts compares both.
import type { TextPlace } from "../text_place.ts";
import {
  alreadyIn,
  type DocumentNode,
  type MapEntry,
  type Warn,
} from "./document.ts";
import type { TextFile } from "./inventory_text.ts";
import { jsonKey, resolvePlain } from "./yaml_scalar.ts";

/** Reads a file; undefined when it uses syntax that this reader lacks. */
export function parsePlainYaml(
  { text, file }: TextFile,
  { warn }: { warn: Warn },
): DocumentNode | undefined {
  if (ODD.test(text)) return undefined;
  try {
    return new PlainFile(text, file, warn).root();
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

/** Tabs, unusual line breaks and invisible characters. */
const ODD =
  // deno-lint-ignore no-control-regex
  /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe]/;

const MAX_DEPTH = 60;

/** A word before a colon. */
const KEY = /([A-Za-z0-9_](?:[\w./[\]-]|:(?=\w))*):(?= |$)/y;
const QUOTED_KEY = /(?:'([^'\n]*)'|"([^"\\\n]*)"):(?= |$)/y;
/** A scalar without quotes; no colon in it is followed by a space. */
const PLAIN =
  /(?:~|[A-Za-z0-9_./\u00a1-\ud7ff]|-(?=\w))(?:[\w.,/@+=~()#\u00a1-\ud7ff-]|:(?=[^ ])| +(?=[^ #]))*/y;
/** The same inside brackets. */
const FLOW_PLAIN =
  /(?:[A-Za-z0-9_./]|-(?=\w))(?:[\w./@+=~()-]|:(?=[\w/])| (?=[\w./@+=~(]))*/y;
const QUOTED = /'([^'\n]*)'(?!')|"([^"\\\n]*)"/y;
const FLOW_KEY = /([A-Za-z_][\w.-]*): +/y;
const END = / *(?: #.*)?$/y;

class NotPlain extends Error {}

interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** Where its content starts. */
  readonly indent: number;
}

class PlainFile {
  readonly #text: string;
  readonly #file: string;
  readonly #warn: Warn;
  /** Where the next line starts. */
  #at = 0;
  /** Of the line before that, from 1. */
  #number = 0;
  #hasStart = false;
  /** Lines are cut from the text one by one: a large file has a million. */
  #line: Line | undefined;

  constructor(text: string, file: string, warn: Warn) {
    this.#text = text;
    this.#file = file;
    this.#warn = warn;
    this.#next();
  }

  root(): DocumentNode {
    const line = this.#line;
    if (line?.indent !== 0 || line.text[0] === "-") fail();
    const root = this.#map(0, 0);
    if (this.#line) fail();
    return root;
  }

  /** Takes the next line with content. */
  #next(): void {
    const isFirst = !this.#hasStart && this.#line === undefined;
    this.#line = undefined;
    while (this.#at < this.#text.length) {
      const found = this.#text.indexOf("\n", this.#at);
      const end = found < 0 ? this.#text.length : found;
      const text = this.#text.slice(this.#at, end);
      this.#at = end + 1;
      this.#number++;
      const indent = text.search(/[^ ]/);
      if (indent < 0 || text[indent] === "#") continue;
      if (!text.startsWith("---")) {
        this.#line = { text, number: this.#number, indent };
        return;
      }
      if (!isFirst || this.#hasStart || text.trimEnd() !== "---") fail();
      this.#hasStart = true;
    }
  }

  /** Reads the block that starts at the current line. */
  #block(depth: number): DocumentNode {
    const line = this.#line!;
    if (depth > MAX_DEPTH) fail();
    return line.text.startsWith("- ", line.indent)
      ? this.#list(line.indent, depth)
      : this.#map(line.indent, depth);
  }

  #map(indent: number, depth: number): DocumentNode {
    const place = this.#place(this.#line!, indent);
    const entries: MapEntry[] = [];
    for (let line = this.#line; line?.indent === indent; line = this.#line) {
      const { key, name, end } = keyAt(line.text, indent) ?? fail();
      const node = this.#value(line, { from: end, indent, depth });
      const entry = { offset: indent, key, name, node };
      entries.push(new PlainEntry(this.#file, line, entry));
    }
    if (this.#line && this.#line.indent > indent) fail();
    // A copy has no room for more.
    return new PlainMap(place, entries.slice(), this.#warn);
  }

  #list(indent: number, depth: number): DocumentNode {
    const place = this.#place(this.#line!, indent);
    const items: DocumentNode[] = [];
    for (
      let line = this.#line;
      line?.indent === indent && line.text.startsWith("- ", indent);
      line = this.#line
    ) {
      let from = indent + 2;
      while (line.text[from] === " ") from++;
      if (keyAt(line.text, from)) {
        // A mapping whose first key follows the hyphen.
        this.#line = { ...line, indent: from };
        items.push(this.#map(from, depth + 1));
      } else {
        const item = this.#inline(line, from);
        if (item === undefined) fail();
        items.push(item);
        this.#next();
      }
    }
    if (this.#line && this.#line.indent > indent) fail();
    return new PlainList(place, items);
  }

  /** Reads the value after a key, or below it. */
  #value(
    line: Line,
    { from, indent, depth }: { from: number; indent: number; depth: number },
  ): DocumentNode {
    this.#next();
    while (line.text[from] === " ") from++;
    const isAlone = from >= line.text.length || line.text[from] === "#";
    if (!isAlone) {
      const value = this.#inline(line, from);
      if (value === undefined) fail();
      return value;
    }
    const next = this.#line;
    const isBelow = next !== undefined && (next.indent > indent ||
      next.indent === indent && next.text.startsWith("- ", indent));
    if (isBelow) return this.#block(depth + 1);
    // An empty value has the place of its key.
    return new PlainScalar(this.#file, line, { offset: indent, data: null });
  }

  /** Reads a scalar or a flow collection that ends with its line. */
  #inline(line: Line, from: number): DocumentNode | undefined {
    const flow = line.text[from] === "{" || line.text[from] === "[";
    const read = flow
      ? this.#flow(line, { from, depth: 0 })
      : this.#scalar(line, { from, plain: PLAIN });
    return match(END, line.text, read.end) ? read.node : undefined;
  }

  #scalar(
    line: Line,
    { from, plain }: { from: number; plain: RegExp },
  ): { node: DocumentNode; end: number } {
    const scalar = (data: unknown, end: number) => ({
      node: new PlainScalar(this.#file, line, { offset: from, data }),
      end,
    });
    const quoted = match(QUOTED, line.text, from);
    if (quoted) return scalar(quoted[1] ?? quoted[2]!, QUOTED.lastIndex);
    const found = match(plain, line.text, from) ?? fail();
    return scalar(resolvePlain(found[0]), plain.lastIndex);
  }

  #flow(
    line: Line,
    { from, depth }: { from: number; depth: number },
  ): { node: DocumentNode; end: number } {
    const { text } = line;
    const isMap = text[from] === "{";
    if (!isMap && text[from] !== "[") {
      return this.#scalar(line, { from, plain: FLOW_PLAIN });
    }
    if (depth > MAX_DEPTH) fail();
    const close = isMap ? "}" : "]";
    const place = this.#place(line, from);
    const entries: MapEntry[] = [];
    const items: DocumentNode[] = [];
    const skip = (at: number) => {
      while (text[at] === " ") at++;
      return at;
    };
    let at = skip(from + 1);
    while (text[at] !== close) {
      let key:
        | Pick<PlainEntry, "key" | "name"> & { offset: number }
        | undefined;
      if (isMap) {
        const found = match(FLOW_KEY, text, at) ?? fail();
        key = { ...plainKey(found[1]!), offset: at };
        at = FLOW_KEY.lastIndex;
      }
      const { node, end } = this.#flow(line, { from: at, depth: depth + 1 });
      if (key) entries.push(new PlainEntry(this.#file, line, { ...key, node }));
      else items.push(node);
      at = skip(end);
      if (text[at] === ",") at = skip(at + 1);
      else if (text[at] !== close) fail();
    }
    const node = isMap
      ? new PlainMap(place, entries, this.#warn)
      : new PlainList(place, items);
    return { node, end: at + 1 };
  }

  #place({ number }: Line, offset: number): TextPlace {
    return { file: this.#file, line: number, column: offset + 1 };
  }
}

/** What a large file has a million of: its place is made when it is asked for. */
abstract class Placed {
  readonly #file: string;
  readonly #line: number;
  readonly #column: number;

  /** @param offset from 0, in the line */
  constructor(file: string, { number }: Line, offset: number) {
    this.#file = file;
    this.#line = number;
    this.#column = offset + 1;
  }

  get place(): TextPlace {
    return { file: this.#file, line: this.#line, column: this.#column };
  }
}

class PlainScalar extends Placed implements DocumentNode {
  private readonly data: unknown;

  constructor(
    file: string,
    line: Line,
    { offset, data }: { offset: number; data: unknown },
  ) {
    super(file, line, offset);
    this.data = data;
  }

  get kind(): DocumentNode["kind"] {
    return this.data === null ? "null" : "scalar";
  }

  value(): unknown {
    return this.data;
  }

  entries(): readonly MapEntry[] {
    return [];
  }
}

class PlainEntry extends Placed implements MapEntry {
  readonly key: unknown;
  readonly name: string;
  readonly node: DocumentNode;

  constructor(
    file: string,
    line: Line,
    { offset, key, name, node }: Omit<MapEntry, "place"> & { offset: number },
  ) {
    super(file, line, offset);
    this.key = key;
    this.name = name;
    this.node = node;
  }
}

class PlainList implements DocumentNode {
  readonly kind = "list";

  constructor(
    readonly place: TextPlace,
    private readonly items: readonly DocumentNode[],
  ) {}

  value(): unknown {
    return this.items.map((item) => item.value());
  }

  entries(): readonly MapEntry[] {
    return [];
  }
}

class PlainMap implements DocumentNode {
  readonly kind = "map";
  #entries: readonly MapEntry[] | undefined;

  constructor(
    readonly place: TextPlace,
    private readonly all: readonly MapEntry[],
    private readonly warn: Warn,
  ) {}

  value(): unknown {
    const object: Record<string, unknown> = Object.create(null);
    for (const { name, node } of this.entries()) {
      object[name] = node.value();
    }
    return object;
  }

  /** Each key once, at the place of its first line and with its last value. */
  entries(): readonly MapEntry[] {
    if (this.#entries) return this.#entries;
    const once = new Map<unknown, MapEntry>();
    for (const entry of this.all) {
      const earlier = once.get(entry.key);
      if (earlier) {
        this.warn(entry.place, alreadyIn(entry.key, earlier.place.line));
      }
      once.set(entry.key, entry);
    }
    return this.#entries = once.size === this.all.length
      ? this.all
      : [...once.values()];
  }
}

/** A key at the start of a line's content, and the end of its colon. */
function keyAt(
  text: string,
  at: number,
): { key: unknown; name: string; end: number } | undefined {
  const plain = match(KEY, text, at);
  if (plain) return { ...plainKey(plain[1]!), end: KEY.lastIndex };
  const quoted = match(QUOTED_KEY, text, at);
  if (quoted === undefined) return undefined;
  const key = quoted[1] ?? quoted[2]!;
  return { key, name: key, end: QUOTED_KEY.lastIndex };
}

function plainKey(text: string): Pick<MapEntry, "key" | "name"> {
  const key = resolvePlain(text);
  return { key, name: jsonKey(key, text) };
}

/** Matches a sticky expression at a place. */
function match(
  expression: RegExp,
  text: string,
  at: number,
): RegExpExecArray | undefined {
  expression.lastIndex = at;
  return expression.exec(text) ?? undefined;
}

function fail(): never {
  throw new NotPlain();
}
