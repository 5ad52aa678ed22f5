// What the aliases of a YAML document stand for. An alias that stands inside
// its own anchor is refused, so that what is built from a document ends.
import { type Alias, isAlias, isMap, isSeq, type ParsedNode } from "yaml";

/** Makes the error for a faulty alias. */
export type AliasFault = (
  node: Alias.Parsed,
  problem: string,
  hint?: string,
) => Error;

/** Finds each alias' target: the last anchor of its name that precedes it. */
export function findTargets(
  root: ParsedNode | null,
  fault: AliasFault,
): Map<Alias.Parsed, ParsedNode> {
  const targets = new Map<Alias.Parsed, ParsedNode>();
  const anchors = new Map<string, ParsedNode>();
  const open = new Set<ParsedNode>();
  const follow = (node: Alias.Parsed): ParsedNode => {
    const target = anchors.get(node.source);
    if (!target) {
      throw fault(
        node,
        `the alias *${node.source} has no anchor &${node.source} before it`,
        "Put text that begins with * in quotes.",
      );
    }
    if (open.has(target)) {
      throw fault(
        node,
        `the alias *${node.source} stands inside its own anchor`,
      );
    }
    return target;
  };
  const walk = (node: ParsedNode | null): void => {
    if (node === null) return;
    if (isAlias(node)) {
      targets.set(node, follow(node));
      return;
    }
    if (node.anchor) anchors.set(node.anchor, node);
    open.add(node);
    for (const child of childrenOf(node)) walk(child);
    open.delete(node);
  };
  walk(root);
  return targets;
}

function childrenOf(node: ParsedNode): (ParsedNode | null)[] {
  if (isMap(node)) {
    return node.items.flatMap(({ key, value }) =>
      [key, value] as (ParsedNode | null)[]
    );
  }
  return isSeq(node) ? node.items as ParsedNode[] : [];
}
