// Finds circles of imports, between files and between folders. A folder and the
// folders inside it count as one place: a parent may hold what they share.
import type { Import } from "./read_imports.ts";

/** Names every circle between files and every circle between folders. */
export function findCircles(imports: readonly Import[]): string[] {
  const inside = imports.flatMap(({ from, to }) =>
    to?.startsWith("src/") ? [[from, to] as const] : []
  );
  const folders = inside
    .map(([from, to]) => [folderOf(from), folderOf(to)] as const)
    .filter(([from, to]) => !isWithin(from, to) && !isWithin(to, from));
  return [
    ...circlesOf(inside).map((circle) =>
      `${circle[0]}: Files import each other in a circle: ${circle.join(" > ")}`
    ),
    ...circlesOf(folders).map((circle) =>
      `${circle[0]}: Folders import each other in a circle: ${
        circle.join(" > ")
      }`
    ),
  ];
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function isWithin(folder: string, other: string): boolean {
  return `${folder}/`.startsWith(`${other}/`);
}

/** The circles of a graph, each from its first node around to the same node. */
export function circlesOf(
  edges: Iterable<readonly [string, string]>,
): string[][] {
  const targets = new Map<string, Set<string>>();
  for (const [from, to] of edges) {
    if (from === to) continue;
    targets.set(from, (targets.get(from) ?? new Set()).add(to));
  }
  const circles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  function visit(node: string): void {
    const at = path.indexOf(node);
    if (at !== -1) circles.push([...path.slice(at), node]);
    if (at !== -1 || done.has(node)) return;
    path.push(node);
    for (const target of targets.get(node) ?? []) visit(target);
    path.pop();
    done.add(node);
  }
  for (const node of targets.keys()) visit(node);
  return circles;
}
