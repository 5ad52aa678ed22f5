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
  readonly #file: string;
  readonly #warn: Warn;
  readonly #lines: Line[] = [];
  #at = 0;

  constructor(text: string, file: string, warn: Warn) {
    this.#file = file;
    this.#warn = warn;
    let hasStart = false;
    for (const [i, line] of text.split("\n").entries()) {
      const indent = line.search(/[^ ]/);
      if (indent < 0 || line[indent] === "#") continue;
      if (line.startsWith("---")) {
        const isFirst = !hasStart && this.#lines.length === 0;
        if (!isFirst || line.trimEnd() !== "---") fail();
        hasStart = true;
        continue;
      }
      this.#lines.push({ text: line, number: i + 1, indent });
    }
  }

  root(): DocumentNode {
    const [first] = this.#lines;
    if (first?.indent !== 0 || first.text[0] === "-") fail();
    const root = this.#map(0, 0);
    if (this.#at < this.#lines.length) fail();
    return root;
  }

  get #line(): Line | undefined {
    return this.#lines[this.#at];
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
      entries.push({
        key,
        name,
        place: this.#place(line, indent),
        node: this.#value(line, { from: end, indent, depth }),
      });
    }
    if (this.#line && this.#line.indent > indent) fail();
    return new PlainMap(place, entries, this.#warn);
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
        this.#lines[this.#at] = { ...line, indent: from };
        items.push(this.#map(from, depth + 1));
      } else {
        const item = this.#inline(line, from);
        if (item === undefined) fail();
        items.push(item);
        this.#at++;
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
    this.#at++;
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
    return new PlainScalar(this.#place(line, indent), null);
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
    const place = this.#place(line, from);
    const quoted = match(QUOTED, line.text, from);
    if (quoted) {
      const text = quoted[1] ?? quoted[2]!;
      return { node: new PlainScalar(place, text), end: QUOTED.lastIndex };
    }
    const found = match(plain, line.text, from) ?? fail();
    const node = new PlainScalar(place, resolvePlain(found[0]));
    return { node, end: plain.lastIndex };
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
      let key: Omit<MapEntry, "node"> | undefined;
      if (isMap) {
        const found = match(FLOW_KEY, text, at) ?? fail();
        key = { ...plainKey(found[1]!), place: this.#place(line, at) };
        at = FLOW_KEY.lastIndex;
      }
      const { node, end } = this.#flow(line, { from: at, depth: depth + 1 });
      if (key) entries.push({ ...key, node });
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

class PlainScalar implements DocumentNode {
  constructor(readonly place: TextPlace, private readonly data: unknown) {}

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
    return this.#entries = [...once.values()];
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
