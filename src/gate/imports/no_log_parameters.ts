// The parameters that a module wants masked, and those that it wants shown: those
// whose entry in an argument spec says `no_log=True` or `no_log=False`. Found in the syntax tree as far as they are written
// out; what a module computes cannot be seen.
import type { SyntaxNode } from "./python_tree.ts";

/** Names and aliases of parameters, sorted. */
export interface NoLog {
  /** Declared with `no_log=True` anywhere. */
  readonly secrets: readonly string[];
  /** Declared with `no_log=False`, and nowhere with True. */
  readonly unmasked: readonly string[];
}

/**
 * The names and aliases of such parameters. Seen are entries of `dict()`
 * calls and of `{}`, at any depth, and assignments to `spec["name"]`.
 */
export function findNoLog(root: SyntaxNode, text: string): NoLog {
  const secrets = new Set<string>();
  const unmasked = new Set<string>();
  const cursor = root.cursor();
  do {
    if (
      cursor.name !== "CallExpression" && cursor.name !== "DictionaryExpression"
    ) {
      continue;
    }
    const members = readMembers(cursor.node, text);
    const noLog = members.get("no_log");
    const said = noLog === undefined ? undefined : source(noLog, text);
    if (said !== "True" && said !== "False") continue;
    const name = nameOf(cursor.node, text);
    if (name === undefined) continue;
    const names = said === "True" ? secrets : unmasked;
    names.add(name);
    const aliases = members.get("aliases");
    for (const alias of aliases?.getChildren("String") ?? []) {
      names.add(literal(alias, text));
    }
  } while (cursor.next());
  return {
    secrets: [...secrets].sort(),
    unmasked: [...unmasked.difference(secrets)].sort(),
  };
}

/** The values of `dict(key=value)` or `{"key": value}` by key. */
function readMembers(node: SyntaxNode, text: string): Map<string, SyntaxNode> {
  const members = new Map<string, SyntaxNode>();
  const list = node.name === "CallExpression" ? node.getChild("ArgList") : node;
  for (let at = list?.firstChild ?? null; at !== null; at = at.nextSibling) {
    if (at.name !== "AssignOp" && at.name !== ":") continue;
    const key = at.prevSibling;
    const value = at.nextSibling;
    if (key === null || value === null) continue;
    members.set(keyOf(key, text), value);
  }
  return members;
}

/** What a `dict()` or `{}` is assigned to: a keyword, a key, or `x["key"]`. */
function nameOf(node: SyntaxNode, text: string): string | undefined {
  const before = node.prevSibling;
  if (before === null || (before.name !== "AssignOp" && before.name !== ":")) {
    return undefined;
  }
  const key = before.prevSibling;
  if (key === null) return undefined;
  if (key.name === "MemberExpression") {
    const index = key.getChild("String");
    return index === null ? undefined : literal(index, text);
  }
  if (key.name === "String") return literal(key, text);
  // `name = dict(…)` is a parameter inside a call, a mere variable outside.
  return node.parent?.name === "ArgList" ? source(key, text) : undefined;
}

function keyOf(node: SyntaxNode, text: string): string {
  return node.name === "String" ? literal(node, text) : source(node, text);
}

function source(node: SyntaxNode, text: string): string {
  return text.slice(node.from, node.to);
}

/** The content of a string without prefix, quotes and escapes. */
function literal(node: SyntaxNode, text: string): string {
  return source(node, text).replace(/^[a-zA-Z]*(["'])(.*)\1$/s, "$2");
}
