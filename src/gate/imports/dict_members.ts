// The members of a Python dict as its source writes it, `dict(key=value)` or
// `{"key": value}`, and the literals in it.
import type { SyntaxNode } from "./python_tree.ts";

/** The members of a dict by their keys. */
export interface DictMembers {
  readonly values: ReadonlyMap<string, SyntaxNode>;
  /** False when it has more: `**more`, computed keys, positional arguments. */
  readonly isWhole: boolean;
}

/** Whether a node is `dict(…)` or `{…}`. */
export function isDict(node: SyntaxNode, text: string): boolean {
  return node.name === "DictionaryExpression" ||
    (node.name === "CallExpression" && node.firstChild !== null &&
      sourceOf(node.firstChild, text) === "dict");
}

/** The members of a `{…}`, or the keywords of a call. */
export function membersOf(node: SyntaxNode, text: string): DictMembers {
  const values = new Map<string, SyntaxNode>();
  const isCall = node.name === "CallExpression";
  const list = isCall ? node.getChild("ArgList") : node;
  let isWhole = true;
  let parts: SyntaxNode[] = [];
  const take = () => {
    const [key, sign, value, more] = parts;
    parts = [];
    if (key === undefined) return;
    const isKey = key.name === (isCall ? "VariableName" : "String");
    const isSign = sign?.name === (isCall ? "AssignOp" : ":");
    if (!isKey || !isSign || value === undefined || more !== undefined) {
      isWhole = false;
    } else {
      const name = isCall ? sourceOf(key, text) : literalOf(key, text);
      values.set(name, value);
    }
  };
  for (let at = list?.firstChild ?? null; at !== null; at = at.nextSibling) {
    if (at.name === "Comment" || /^[(){}]$/.test(at.name)) continue;
    if (at.name === ",") take();
    else parts.push(at);
  }
  take();
  return { values, isWhole };
}

/** The source text of a node. */
export function sourceOf(node: SyntaxNode, text: string): string {
  return text.slice(node.from, node.to);
}

/** The content of a string without prefix, quotes and escapes. */
export function literalOf(node: SyntaxNode, text: string): string {
  return sourceOf(node, text).replace(/^[a-zA-Z]*(["'])(.*)\1$/s, "$2");
}
