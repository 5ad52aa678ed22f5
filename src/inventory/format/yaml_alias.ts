// The targets of a YAML document's aliases. An alias inside its own anchor is
// refused, and so are aliases that nest or repeat too much: what a document
// expands to is finite and bounded.
import { type Alias, isAlias, isMap, isSeq, type ParsedNode } from "yaml";

/** Makes the error for a faulty alias. */
export type AliasFault = (
  node: Alias.Parsed,
  problem: string,
  hint?: string,
) => Error;

/** How deep values may be nested once aliases are followed. */
const MAX_DEPTH = 1000;

/** How many values a document may have once aliases are followed. */
const MAX_VALUES = 10_000_000;

/** How large a node is once its aliases are followed. */
interface Extent {
  readonly depth: number;
  readonly values: number;
}

/** Finds each alias' target: the last anchor of its name that precedes it. */
export function findTargets(
  root: ParsedNode | null,
  fault: AliasFault,
): Map<Alias.Parsed, ParsedNode> {
  const targets = new Map<Alias.Parsed, ParsedNode>();
  const anchors = new Map<string, ParsedNode>();
  const open = new Set<ParsedNode>();
  const extents = new Map<ParsedNode, Extent>();
  const follow = (node: Alias.Parsed): ParsedNode => {
    const target = anchors.get(node.source);
    if (!target) {
      throw fault(
        node,
        `the alias *${node.source} has no anchor &${node.source} before it`,
        "Put text that starts with * in quotes",
      );
    }
    if (open.has(target)) {
      throw fault(
        node,
        `the alias *${node.source} is inside its own anchor`,
      );
    }
    return target;
  };
  let total = 0;
  const followBounded = (node: Alias.Parsed): Extent => {
    const target = follow(node);
    targets.set(node, target);
    const extent = extents.get(target) ?? LEAF;
    total += extent.values;
    if (extent.depth > MAX_DEPTH) {
      throw fault(
        node,
        `the alias *${node.source} is nested more than ${MAX_DEPTH} levels deep`,
      );
    }
    if (total > MAX_VALUES) {
      throw fault(node, `its aliases repeat more than ${MAX_VALUES} values`);
    }
    return extent;
  };
  const walk = (node: ParsedNode | null): Extent => {
    if (node === null) return LEAF;
    if (isAlias(node)) return followBounded(node);
    if (node.anchor) anchors.set(node.anchor, node);
    open.add(node);
    let depth = 0;
    let values = 1;
    for (const child of childrenOf(node)) {
      const extent = walk(child);
      depth = Math.max(depth, extent.depth);
      values += extent.values;
    }
    open.delete(node);
    const extent = { depth: depth + 1, values };
    if (node.anchor) extents.set(node, extent);
    return extent;
  };
  walk(root);
  return targets;
}

const LEAF: Extent = { depth: 1, values: 1 };

function childrenOf(node: ParsedNode): (ParsedNode | null)[] {
  if (isMap(node)) {
    return node.items.flatMap(({ key, value }) =>
      [key, value] as (ParsedNode | null)[]
    );
  }
  return isSeq(node) ? node.items as ParsedNode[] : [];
}
