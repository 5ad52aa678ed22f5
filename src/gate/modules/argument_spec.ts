// Reads the argument spec of a module from its source, without running it:
// `AnsibleModule(argument_spec=dict(…))` of ansible.module_utils.basic. A spec that
// is computed is recognized as such, never guessed.
import {
  isDict,
  literalOf,
  membersOf,
  sourceOf,
} from "../imports/dict_members.ts";
import { readPython, type SyntaxNode } from "../imports/python_tree.ts";

/** A parameter in an argument spec. */
export interface SpecEntry {
  readonly aliases: readonly string[];
  /** Whether a call without it certainly fails. */
  readonly isRequired: boolean;
  /** Python's name of its type; absent when the spec gives none. */
  readonly type?: string;
  /** The only values that it takes, as text; absent when it takes others. */
  readonly choices?: readonly string[];
}

/** What a source says about the arguments of its module. Plain JSON. */
export interface ArgumentSpec {
  /** The spec by parameter names; null when the source computes it. */
  readonly entries: Readonly<Record<string, SpecEntry>> | null;
  /** Every name that the source may declare as a parameter or an alias, sorted. */
  readonly mentioned: readonly string[];
}

// FILE_COMMON_ARGUMENTS of module_utils/basic.py, of ansible-core 2.10 to 2.22.
const FILE_ARGUMENTS: Readonly<Record<string, SpecEntry>> = Object.fromEntries(
  "mode owner group seuser serole selevel setype attributes unsafe_writes"
    .split(" ").map((name) => [name, {
      aliases: name === "attributes" ? ["attr"] : [],
      isRequired: false,
      type: "raw",
    }]),
);

/**
 * Reads the spec in the source of a module or a util.
 *
 * @throws {SyntaxError} as `readPython`.
 */
export function readArgumentSpec(text: string): ArgumentSpec {
  return readPython(text, (root) => {
    const reader = new SpecReader(text);
    reader.walk(root);
    return { entries: reader.entries(), mentioned: reader.mentioned() };
  });
}

/** Collects, in one walk, what the spec may be made of. */
class SpecReader {
  readonly #text: string;
  readonly #modules: SyntaxNode[] = [];
  readonly #values = new Map<string, SyntaxNode[]>();
  /** How often a variable occurs. */
  readonly #uses = new Map<string, number>();
  readonly #mentioned = new Set<string>();
  /** Whether `AnsibleModule` is that of ansible.module_utils.basic. */
  #isOfBasic = false;

  constructor(text: string) {
    this.#text = text;
  }

  walk(root: SyntaxNode): void {
    root.cursor().iterate(({ name, node }) => {
      if (name === "CallExpression") this.#takeCall(node);
      else if (name === "DictionaryExpression") this.#takeDict(node);
      else if (name === "AssignStatement") this.#takeAssignment(node);
      else if (name === "ImportStatement") this.#takeImport(node);
      else if (name === "VariableName") {
        const variable = sourceOf(node, this.#text);
        this.#uses.set(variable, (this.#uses.get(variable) ?? 0) + 1);
      } else if (name === "MemberExpression") {
        const index = node.getChild("String");
        if (index !== null) this.#mention(index);
      }
    });
  }

  mentioned(): string[] {
    // It may be set far from the spec: `self.add_file_common_args = True`.
    if (this.#text.includes("add_file_common_args")) {
      for (const [name, { aliases }] of Object.entries(FILE_ARGUMENTS)) {
        for (const each of [name, ...aliases]) this.#mentioned.add(each);
      }
    }
    return [...this.#mentioned].sort();
  }

  /** The spec of the only module object; null when there is no certain one. */
  entries(): Record<string, SpecEntry> | null {
    const [call, another] = this.#modules;
    if (!this.#isOfBasic || call === undefined || another) return null;
    const { values, isWhole } = membersOf(call, this.#text);
    const spec = values.get("argument_spec");
    if (spec === undefined || !isWhole) return null;
    const checks = ["bypass_checks", "check_invalid_arguments"];
    if (checks.some((name) => values.has(name))) return null;
    const dict = this.#resolve(spec);
    const entries = dict && this.#readEntries(dict);
    if (!entries) return null;
    const common = values.get("add_file_common_args");
    if (common === undefined) return entries;
    return { ...FILE_ARGUMENTS, ...entries };
  }

  /** A dict, or the one that a variable holds which nothing else touches. */
  #resolve(node: SyntaxNode): SyntaxNode | undefined {
    if (isDict(node, this.#text)) return node;
    if (node.name !== "VariableName") return undefined;
    const name = sourceOf(node, this.#text);
    const [value, another] = this.#values.get(name) ?? [];
    const isOnce = another === undefined && this.#uses.get(name) === 2;
    return isOnce && value && isDict(value, this.#text) ? value : undefined;
  }

  #readEntries(dict: SyntaxNode): Record<string, SpecEntry> | undefined {
    const { values, isWhole } = membersOf(dict, this.#text);
    if (!isWhole) return undefined;
    const entries = new Map<string, SpecEntry>();
    for (const [name, value] of values) {
      const entry = this.#readEntry(value);
      if (entry === undefined) return undefined;
      entries.set(name, entry);
    }
    return Object.fromEntries(entries);
  }

  #readEntry(node: SyntaxNode): SpecEntry | undefined {
    if (!isDict(node, this.#text)) return undefined;
    const { values, isWhole } = membersOf(node, this.#text);
    if (!isWhole) return undefined;
    const aliases = values.get("aliases");
    const names = aliases === undefined ? [] : this.#literals(aliases);
    if (names === undefined) return undefined;
    const type = values.get("type");
    const choices = values.get("choices");
    const texts = choices && this.#literals(choices);
    const required = values.get("required");
    return {
      aliases: names,
      isRequired: required !== undefined &&
        sourceOf(required, this.#text) === "True" && !values.has("fallback"),
      // What is not a literal is not checked here.
      ...(type && {
        type: type.name === "String" ? literalOf(type, this.#text) : "raw",
      }),
      ...(texts && { choices: texts }),
    };
  }

  /** The strings of a list or a tuple; undefined when it holds anything else. */
  #literals(list: SyntaxNode): string[] | undefined {
    if (!/^(?:Array|Tuple)Expression$/.test(list.name)) return undefined;
    const texts: string[] = [];
    for (let at = list.firstChild; at !== null; at = at.nextSibling) {
      if (/^[()[\],]$|^Comment$/.test(at.name)) continue;
      if (at.name !== "String" || /\\/.test(sourceOf(at, this.#text))) {
        return undefined;
      }
      texts.push(literalOf(at, this.#text));
    }
    return texts;
  }

  #takeCall(node: SyntaxNode): void {
    const callee = node.firstChild;
    if (callee === null) return;
    const name = sourceOf(callee, this.#text);
    if (/(?:^|\.)AnsibleModule$/.test(name)) this.#modules.push(node);
    if (name === "dict" || /\.update$/.test(name)) this.#takeDict(node);
    const first = node.getChild("ArgList")?.getChild("String");
    if (first && /\.(?:setdefault|__setitem__)$/.test(name)) {
      this.#mention(first);
    }
  }

  /** Its keys, except those whose values no entry of a spec has. */
  #takeDict(node: SyntaxNode): void {
    const { values } = membersOf(node, this.#text);
    for (const [key, value] of values) {
      if (key === "aliases" || key === "deprecated_aliases") {
        for (const alias of stringsIn(value)) this.#mention(alias);
      }
      if (!/^(?:String|Number|Boolean|None)$/.test(value.name)) {
        this.#mentioned.add(key);
      }
    }
  }

  #takeImport(node: SyntaxNode): void {
    const statement = sourceOf(node, this.#text);
    const names = /\bansible\.module_utils\.basic\s+import\b(.*)/s
      .exec(statement)?.[1];
    this.#isOfBasic ||= names === undefined
      ? /\bansible\.module_utils\s+import\b.*\bbasic\b/s.test(statement)
      : /\*|\bAnsibleModule\b(?!\s+as\b)/.test(names);
  }

  #takeAssignment(node: SyntaxNode): void {
    const [name, sign] = [node.firstChild, node.firstChild?.nextSibling];
    const value = node.lastChild;
    if (name?.name !== "VariableName" || sign?.name !== "AssignOp" || !value) {
      return;
    }
    const variable = sourceOf(name, this.#text);
    const known = this.#values.get(variable) ?? [];
    this.#values.set(variable, [...known, value]);
  }

  #mention(node: SyntaxNode): void {
    this.#mentioned.add(literalOf(node, this.#text));
  }
}

/** All strings below a node. */
function stringsIn(node: SyntaxNode): SyntaxNode[] {
  const strings: SyntaxNode[] = [];
  node.cursor().iterate((each) => {
    if (each.from < node.to && each.name === "String") strings.push(each.node);
  });
  return strings;
}
