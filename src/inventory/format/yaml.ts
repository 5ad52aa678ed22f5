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
  parseDocument,
  Scalar,
  type YAMLMap,
  type YAMLParseError,
} from "yaml";
import { ExactNumber } from "../../json/exact_number.ts";
import { errorAt, type TextPlace } from "../text_place.ts";
import { UnsafeText, VaultValue } from "../secret_value.ts";
import type { Vault } from "../vault.ts";
import type { DocumentNode, MapEntry, Warn } from "./document.ts";
import type { TextFile } from "./inventory_text.ts";
import { findTargets } from "./yaml_alias.ts";
import { parseFloatText, parseInteger, resolvePlain } from "./yaml_scalar.ts";

/**
 * Parses a YAML file of one document.
 *
 * @throws {InventoryError} at the place where the file is not YAML.
 */
export function parseYaml(
  { text, file }: TextFile,
  { warn, vault }: { warn: Warn; vault?: Vault | undefined },
): DocumentNode {
  try {
    return new YamlFile(text, file, { warn, vault }).root();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw errorAt({ file, line: 0 }, TOO_DEEP, { cause: error });
  }
}

const TOO_DEEP = "it is nested too deeply";

/** Hints for syntax errors whose message gives no advice. */
const HINTS: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY:
    "Put a value that contains a colon and a space in quotes",
  BAD_INDENT: "Indent all entries of a mapping equally",
  MULTIPLE_DOCS: "Remove the --- inside the file",
};

const CORE = "tag:yaml.org,2002:";

class YamlFile {
  readonly #lines = new LineCounter();
  readonly #targets: ReadonlyMap<Alias.Parsed, ParsedNode>;
  readonly #shared = new Map<ParsedNode, unknown>();
  readonly #entries = new Map<YAMLMap.Parsed, MapEntry[]>();
  readonly #root: ParsedNode | null;
  readonly #vault: Vault | undefined;
  readonly warn: Warn;

  constructor(
    private readonly text: string,
    private readonly file: string,
    { warn, vault }: { warn: Warn; vault: Vault | undefined },
  ) {
    this.warn = warn;
    this.#vault = vault;
    const document = parseDocument(text, {
      version: "1.1",
      schema: "failsafe",
      merge: false,
      uniqueKeys: false,
      lineCounter: this.#lines,
      prettyErrors: false,
      // "silent" would also hide the error about a second document.
      logLevel: "error",
    });
    const [error] = document.errors;
    if (error) throw this.#syntaxError(error);
    this.#root = document.contents;
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
    return errorAt(this.place(offset), problem, options);
  }

  #syntaxError({ code, message, pos: [offset] }: YAMLParseError): Error {
    if (code === "RESOURCE_EXHAUSTION") return this.error(offset, TOO_DEEP);
    const problem = code === "MULTIPLE_DOCS"
      ? "a second document starts"
      : lowerFirst(message);
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
      const value = this.#buildFresh(real);
      if (!isAlias(real) && real.anchor) this.#shared.set(real, value);
      return value;
    }
    return this.#shared.get(real);
  }

  #buildFresh(node: ParsedNode): unknown {
    if (isMap(node)) {
      this.#expectTag(node, "map");
      const object: Record<string, unknown> = Object.create(null);
      for (const { key, node: value } of this.entries(node)) {
        object[String(key)] = value.value();
      }
      return object;
    }
    if (isSeq(node)) {
      this.#expectTag(node, "seq");
      return node.items.map((item) => this.build(item as ParsedNode));
    }
    return this.#buildScalar(node as Scalar.Parsed);
  }

  #buildScalar(node: Scalar.Parsed): unknown {
    const text = String(node.value ?? "");
    switch (node.tag) {
      case undefined:
        return node.type === Scalar.PLAIN ? resolvePlain(text) : text;
      case "!":
      case `${CORE}str`:
        return text;
      case `${CORE}int`:
      case `${CORE}float`:
        return this.#buildNumber(node, text);
      case `${CORE}bool`:
      case `${CORE}null`:
      case `${CORE}timestamp`:
        return resolvePlain(text);
      case "!vault":
      case "!vault-encrypted":
        return VaultValue.encrypted(text, {
          ...this.place(node.range[0]),
          vault: this.#vault,
        });
      case "!unsafe":
        return /\{[{%#]/.test(text) ? new UnsafeText(text) : text;
      default:
        throw this.#unknownTag(node);
    }
  }

  #buildNumber(node: Scalar.Parsed, text: string): number | ExactNumber {
    const number = node.tag === `${CORE}int`
      ? parseInteger(text)
      : parseFloatText(text);
    if (number !== undefined) return number;
    throw this.error(node.range[0], `${JSON.stringify(text)} is not a number`);
  }

  #expectTag(node: ParsedNode, kind: "map" | "seq"): void {
    if (isAlias(node) || node.tag === undefined || node.tag === "!unsafe") {
      return;
    }
    if (node.tag !== `${CORE}${kind}`) throw this.#unknownTag(node);
  }

  #unknownTag(node: ParsedNode): Error {
    const tag = (node as Scalar.Parsed).tag ?? "";
    return this.error(
      node.range[0],
      `the tag ${tag.replace(CORE, "!!")} has no meaning in an inventory`,
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
        this.warn(
          place,
          `the key ${key} is already in line ${earlier.place.line}; this one wins`,
        );
      }
      own.set(key, {
        key,
        place,
        node: new YamlNode(this, pair.value, offset),
      });
    }
    for (const [key, entry] of own) entries.set(key, entry);
    return [...entries.values()];
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
    if (isMap(this.#real)) return "map";
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

function isMergeKey(key: ParsedNode | null): boolean {
  return isScalar(key) && key.value === "<<" &&
    (key.tag === `${CORE}merge` ||
      (key.tag === undefined && key.type === Scalar.PLAIN));
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
