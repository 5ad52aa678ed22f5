// The hierarchy of groups: every group is below `all`, and may have several
// parents. Variables play no role here.
import { errorAt } from "../text_place.ts";
import type { DraftGroup, InventoryDraft } from "./draft.ts";

/** Makes every group a descendant of `all`. */
export function attachToAll(draft: InventoryDraft): void {
  for (const group of draft.groups.values()) {
    if (group !== draft.all && group.parents.size === 0) {
      draft.addChild(draft.all, group, { file: "", line: 0 });
    }
  }
}

/** Puts a host into `ungrouped` exactly when it is in no group but `all`. */
export function settleUngrouped(
  { all, ungrouped, hosts }: InventoryDraft,
): void {
  for (const host of hosts.values()) {
    const grouped = [...host.groups].some((g) => g !== all && g !== ungrouped);
    if (grouped) {
      host.groups.delete(ungrouped);
      ungrouped.hosts.delete(host);
    } else {
      host.groups.add(ungrouped);
      ungrouped.hosts.add(host);
    }
  }
}

/**
 * Returns the longest path from `all` to each group, with Kahn's algorithm, which
 * does not recurse.
 *
 * @throws {InventoryError} when a group is its own ancestor.
 */
export function measureDepths(draft: InventoryDraft): Map<DraftGroup, number> {
  const waiting = new Map<DraftGroup, number>();
  for (const group of draft.groups.values()) {
    waiting.set(group, group.parents.size);
  }
  const depths = new Map<DraftGroup, number>();
  if (draft.all.parents.size === 0) depths.set(draft.all, 0);
  for (const [group, depth] of depths) {
    for (const child of group.children.keys()) {
      const left = (waiting.get(child) ?? 0) - 1;
      waiting.set(child, left);
      if (left === 0) {
        // The last parent to be settled need not be the deepest.
        const deepest = [...child.parents].reduce(
          (most, parent) => Math.max(most, depths.get(parent) ?? 0),
          depth,
        );
        depths.set(child, deepest + 1);
      }
    }
  }
  if (depths.size < draft.groups.size) throw loopError(draft, depths);
  return depths;
}

function loopError(
  draft: InventoryDraft,
  settled: ReadonlyMap<DraftGroup, number>,
): Error {
  let group = [...draft.groups.values()].find((g) => !settled.has(g)) ??
    draft.all;
  // Every unsettled group has an unsettled parent, so walking up finds the cycle.
  const trail: DraftGroup[] = [];
  while (!trail.includes(group)) {
    trail.push(group);
    group = [...group.parents].find((p) => !settled.has(p)) ?? draft.all;
  }
  const loop = [group, ...trail.slice(trail.indexOf(group)).reverse()];
  const places = loop.map((parent, i) => {
    const child = loop[i + 1];
    return child && parent.children.get(child);
  });
  return errorAt(
    // The edge from `all` to a group has no place in a file.
    places.find((place) => place?.line) ?? places[0] ?? { file: "", line: 0 },
    `groups contain each other: ${loop.map(({ name }) => name).join(" > ")}`,
    { hint: "Remove one of them from the other's children" },
  );
}
