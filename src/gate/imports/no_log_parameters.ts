// Finds the parameters that a module wants masked, and those that it wants shown:
// their entries in an argument spec have `no_log=True` or `no_log=False`. Entries
// that a module computes are not found.
import { literalOf, membersOf, sourceOf } from "./dict_members.ts";
import type { SyntaxNode } from "./python_tree.ts";

/** Names and aliases of parameters, sorted. */
export interface NoLog {
  /** Declared with `no_log=True` anywhere. */
  readonly secrets: readonly string[];
  /** Declared with `no_log=False`, and nowhere with True. */
  readonly unmasked: readonly string[];
}

/**
 * Finds the names and aliases of such parameters: in `dict()` calls and `{}` at
 * any depth, and in assignments to `spec["name"]`.
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
    const members = membersOf(cursor.node, text).values;
    const noLog = members.get("no_log");
    const value = noLog === undefined ? undefined : sourceOf(noLog, text);
    if (value !== "True" && value !== "False") continue;
    const name = nameOf(cursor.node, text);
    if (name === undefined) continue;
    const names = value === "True" ? secrets : unmasked;
    names.add(name);
    const aliases = members.get("aliases");
    for (const alias of aliases?.getChildren("String") ?? []) {
      names.add(literalOf(alias, text));
    }
  } while (cursor.next());
  return {
    secrets: [...secrets].sort(),
    unmasked: [...unmasked.difference(secrets)].sort(),
  };
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
    return index === null ? undefined : literalOf(index, text);
  }
  if (key.name === "String") return literalOf(key, text);
  // `name = dict(…)` is a parameter inside a call, and a variable elsewhere.
  return node.parent?.name === "ArgList" ? sourceOf(key, text) : undefined;
}
