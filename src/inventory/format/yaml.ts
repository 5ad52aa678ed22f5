// YAML as Ansible reads it. The `yaml` package parses the syntax; scalars, tags
// and merge keys follow PyYAML's rules here. Loaded on demand: only this file and
// yaml_alias.ts import `yaml`.
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  Scalar,
  type YAMLMap,
  type YAMLParseError,
} from "yaml";
import { ExactNumber } from "../../json/exact_number.ts";
import { errorAt, type FaultAt, type TextPlace } from "../text_place.ts";
import { VaultValue } from "../secret_value.ts";
import type { Vault } from "../vault.ts";
import {
  alreadyIn,
  type DocumentNode,
  type MapEntry,
  type ReadingOptions,
  type Warn,
} from "./document.ts";
import type { TextFile } from "./inventory_text.ts";
import { findTargets } from "./yaml_alias.ts";
import { jsonKey, resolvePlain } from "./yaml_scalar.ts";
import { parseSyntax } from "./yaml_syntax.ts";
import { buildTagged, CORE_TAG, listTypeOf, mapTypeOf } from "./yaml_tags.ts";
import { markUnsafe } from "../mark_unsafe.ts";

/**
 * Parses a YAML file of one document.
 *
 * @throws {Error} of `fault` at the place where the file is not YAML.
 */
export function parseYaml(
  { text, file }: TextFile,
  options: ReadingOptions,
): DocumentNode {
  try {
    // YAML 1.1 has one more line end.
    const lines = text.replaceAll("\x85", "\n");
    return new YamlFile(lines, file, options).root();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const { fault = errorAt } = options;
    throw fault({ file, line: 0 }, TOO_DEEP, { cause: error });
  }
}

const TOO_DEEP = "it is nested too deeply";

/** How deep values may be inside each other: the stack has room for twice as many. */
const MAX_DEPTH = 400;

/** Hints for syntax errors whose message gives no advice. */
const HINTS: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY:
    "Put a value that contains a colon and a space in quotes",
  BAD_INDENT: "Indent all entries of a mapping equally",
};

class YamlFile {
  readonly #lines = new LineCounter();
  readonly #targets: ReadonlyMap<Alias.Parsed, ParsedNode>;
  readonly #shared = new Map<ParsedNode, unknown>();
  readonly #entries = new Map<YAMLMap.Parsed, MapEntry[]>();
  readonly #root: ParsedNode | null;
  readonly #vault: Vault | undefined;
  readonly #fault: FaultAt;
  readonly warn: Warn;
  #depth = 0;

  constructor(
    private readonly text: string,
    private readonly file: string,
    { warn, vault, fault = errorAt }: ReadingOptions,
  ) {
    this.warn = warn;
    this.#vault = vault;
    this.#fault = fault;
    const { documents: [first, second], error } = parseSyntax(
      text,
      this.#lines,
    );
    if (error) throw this.#syntaxError(error);
    if (second) {
      throw this.error(second.range[0], "a second document starts", {
        hint: "Remove the --- inside the file",
      });
    }
    this.#root = first?.contents ?? null;
    this.#targets = text.includes("*")
      ? findTargets(
        this.#root,
        (node, problem, hint) =>
          this.error(node.range[0], problem, hint ? { hint } : {}),
      )
      : new Map();
  }

  root(): DocumentNode {
    return new YamlNode(this, this.#root, 0);
  }

  place(offset: number): TextPlace {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.file, line, column: col };
  }

  error(offset: number, problem: string, options?: { hint?: string }): Error {
    return this.#fault(this.place(offset), problem, options);
  }

  #syntaxError({ code, message, pos: [offset] }: YAMLParseError): Error {
    // How deep the stack reaches varies, so that a place would too.
    if (code === "RESOURCE_EXHAUSTION") {
      return this.#fault({ file: this.file, line: 0 }, TOO_DEEP);
    }
    const problem = lowerFirst(message);
    const isTab = this.text[offset] === "\t" || code === "TAB_AS_INDENT";
    const hint = isTab
      ? "Indent with spaces; YAML allows no tabs there"
      : /^\s*\[/m.exec(this.text)?.index === 0
      ? "If this is INI, name the file .ini"
      : HINTS[code];
    return this.error(offset, problem, hint ? { hint } : {});
  }

  /** Follows an alias to its target. */
  target(node: ParsedNode | null): ParsedNode | null {
    return isAlias(node) ? this.#targets.get(node) ?? null : node;
  }

  /**
   * Builds a node's data. An anchored node is built once and shared, as in
   * Python, so that aliases do not multiply it.
   */
  build(node: ParsedNode | null): unknown {
    const real = this.target(node);
    if (real === null) return null;
    if (!this.#shared.has(real)) {
      const value = this.#buildDeeper(real);
      if (!isAlias(real) && real.anchor) this.#shared.set(real, value);
      return value;
    }
    return this.#shared.get(real);
  }

  #buildDeeper(node: ParsedNode): unknown {
    if (this.#depth === MAX_DEPTH) throw this.error(node.range[0], TOO_DEEP);
    this.#depth++;
    try {
      return this.#buildFresh(node);
    } finally {
      this.#depth--;
    }
  }

  #buildFresh(node: ParsedNode): unknown {
    if (isMap(node)) {
      const type = mapTypeOf(node.tag) ?? this.#refuseTag(node);
      return type === "set"
        ? this.entries(node).map(({ key }) => key)
        : this.#mark(node, this.#buildMap(node));
    }
    if (isSeq(node)) {
      const type = listTypeOf(node.tag) ?? this.#refuseTag(node);
      return type === "pairs"
        ? node.items.map((item) => this.#buildPair(item as ParsedNode))
        : this.#mark(
          node,
          node.items.map((item) => this.build(item as ParsedNode)),
        );
    }
    return this.#buildScalar(node as Scalar.Parsed);
  }

  #buildMap(node: YAMLMap.Parsed): Record<string, unknown> {
    const object: Record<string, unknown> = Object.create(null);
    for (const { name, node: value } of this.entries(node)) {
      object[name] = value.value();
    }
    return object;
  }

  /** A member of `!!pairs` or `!!omap`: a mapping of one key. */
  #buildPair(item: ParsedNode): unknown {
    const real = this.target(item);
    const entries = isMap(real) ? this.entries(real as YAMLMap.Parsed) : [];
    const [entry] = entries;
    if (entry !== undefined && entries.length === 1) {
      return [entry.key, entry.node.value()];
    }
    throw this.error(item.range[0], "a pair must be a mapping of one key");
  }

  #mark(node: { tag?: string }, value: unknown): unknown {
    return node.tag === "!unsafe" ? markUnsafe(value) : value;
  }

  /** A block that the file ends in, without a line end, has none either. */
  #textOf({ type, value, range }: Scalar.Parsed): string {
    const text = String(value ?? "");
    const isBlock = type === Scalar.BLOCK_LITERAL ||
      type === Scalar.BLOCK_FOLDED;
    const isCut = isBlock && range[1] >= this.text.length &&
      /[^\n]$/.test(this.text);
    return isCut ? text.replace(/\n$/, "") : text;
  }

  #buildScalar(node: Scalar.Parsed): unknown {
    const text = this.#textOf(node);
    const { tag } = node;
    if (tag === undefined) {
      return node.type === Scalar.PLAIN ? resolvePlain(text) : text;
    }
    // A value that is not there stays text; a quoted one is resolved like plain text.
    if (tag === "!" && text === "" && node.type === Scalar.PLAIN) return text;
    if (tag === "!vault" || tag === "!vault-encrypted") {
      const place = this.place(node.range[0]);
      return VaultValue.encrypted(text, { ...place, vault: this.#vault });
    }
    try {
      const value = buildTagged(tag, text);
      if (value !== undefined) return value;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw this.error(node.range[0], error.message);
    }
    return this.#refuseTag(node);
  }

  #refuseTag({ tag = "", range }: ParsedNode & { tag?: string }): never {
    throw this.error(
      range[0],
      `the tag ${tag.replace(CORE_TAG, "!!")} has no meaning here`,
    );
  }

  /**
   * A mapping's entries: merged ones first, each key once with its last value.
   * They are read once, so that a chain of merges is not walked for each link.
   */
  entries(node: YAMLMap.Parsed): MapEntry[] {
    let entries = this.#entries.get(node);
    if (entries === undefined) {
      entries = this.#readEntries(node);
      this.#entries.set(node, entries);
    }
    return entries;
  }

  #readEntries(node: YAMLMap.Parsed): MapEntry[] {
    const entries = new Map<unknown, MapEntry>();
    for (const source of this.#mergeSources(node)) {
      for (const entry of this.entries(source)) entries.set(entry.key, entry);
    }
    const own = new Map<unknown, MapEntry>();
    for (const pair of node.items) {
      if (isMergeKey(pair.key)) continue;
      const built = this.build(pair.key);
      const key = built instanceof ExactNumber ? built.text : built;
      const offset = pair.key?.range[0] ?? node.range[0];
      const place = this.place(offset);
      if (typeof key === "object" && key !== null) {
        throw this.#badKey(offset);
      }
      const earlier = own.get(key);
      if (earlier) {
        this.warn(place, alreadyIn(key, earlier.place.line));
      }
      own.set(key, {
        key,
        name: this.#nameOf(built, this.target(pair.key)),
        place,
        node: new YamlNode(this, pair.value, offset),
      });
    }
    for (const [key, entry] of own) entries.set(key, entry);
    return [...entries.values()];
  }

  /** A key as text; a number with the tag of a fraction is one. */
  #nameOf(built: unknown, node: ParsedNode | null): string {
    return node?.tag === `${CORE_TAG}float`
      ? jsonKey(built, ".0")
      : jsonKey(built, sourceOf(node));
  }

  #badKey(offset: number): Error {
    const template = this.text.startsWith("{", offset) &&
      this.text.startsWith("{{", offset - 1);
    return this.error(
      offset,
      "a mapping or a list cannot be a key",
      template ? { hint: 'Put the template in quotes: "{{ … }}"' } : {},
    );
  }

  /** The mappings that `<<` merges, the weakest first. */
  #mergeSources(node: YAMLMap.Parsed): YAMLMap.Parsed[] {
    const sources: YAMLMap.Parsed[] = [];
    for (const pair of node.items) {
      if (!isMergeKey(pair.key)) continue;
      const merged = this.target(pair.value);
      const list = isSeq(merged)
        ? merged.items.map((item) => this.target(item as ParsedNode)).reverse()
        : [merged];
      for (const source of list) {
        if (!isMap(source)) {
          throw this.error(
            pair.key?.range[0] ?? node.range[0],
            "<< needs a mapping or a list of mappings",
          );
        }
        sources.push(source as YAMLMap.Parsed);
      }
    }
    return sources;
  }
}

class YamlNode implements DocumentNode {
  readonly #file: YamlFile;
  readonly #node: ParsedNode | null;
  readonly #real: ParsedNode | null;
  readonly #offset: number;

  constructor(file: YamlFile, node: ParsedNode | null, offset: number) {
    this.#file = file;
    this.#node = node;
    this.#real = file.target(node);
    this.#offset = offset;
  }

  get kind(): DocumentNode["kind"] {
    if (isMap(this.#real)) {
      return mapTypeOf(this.#real.tag) === "set" ? "list" : "map";
    }
    if (isSeq(this.#real)) return "list";
    return this.value() === null ? "null" : "scalar";
  }

  get place(): TextPlace {
    return this.#file.place(this.#node?.range[0] ?? this.#offset);
  }

  value(): unknown {
    return this.#file.build(this.#real);
  }

  entries(): readonly MapEntry[] {
    return isMap(this.#real)
      ? this.#file.entries(this.#real as YAMLMap.Parsed)
      : [];
  }
}

/** The text of a plain scalar; empty for everything else. */
function sourceOf(node: ParsedNode | null): string {
  return isScalar(node) && node.type === Scalar.PLAIN
    ? String(node.value ?? "")
    : "";
}

function isMergeKey(key: ParsedNode | null): boolean {
  return isScalar(key) && key.value === "<<" &&
    (key.tag === `${CORE_TAG}merge` ||
      // The tag `!` leaves it to the text, too.
      ((key.tag === undefined || key.tag === "!") &&
        key.type === Scalar.PLAIN));
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
