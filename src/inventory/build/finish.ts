// Turns a draft into an Inventory. Variables are merged on demand, and hosts with
// the same variables share them, so that twenty thousand hosts cost little.
import type { Group, Host, Layer, LoadedInventory } from "../inventory.ts";
import { DraftGroup, type DraftHost, type InventoryDraft } from "./draft.ts";
import { attachToAll, measureDepths, settleUngrouped } from "./group_tree.ts";
import { layer, type Membership, Memberships, merge } from "./membership.ts";

/** Reads the files of a group's variables. */
export type ReadGroupVars = (group: DraftGroup) => Promise<void>;

/**
 * Makes the inventory that a draft describes. The draft must not change
 * afterwards.
 *
 * @param readVars Reads those of groups that are asked for later. Default: none.
 * @throws {InventoryError} when a group is its own ancestor.
 */
export function finishDraft(
  draft: InventoryDraft,
  readVars: ReadGroupVars = () => Promise.resolve(),
): LoadedInventory {
  attachToAll(draft);
  settleUngrouped(draft);
  const depths = measureDepths(draft);
  const memberships = new Memberships(depths);
  const hosts = new Map<string, FinishedHost>();
  for (const host of draft.hosts.values()) {
    hosts.set(
      host.name,
      new FinishedHost(host, memberships.of(host.groups), draft.skippedFiles),
    );
    if (draft.groups.has(host.name)) {
      draft.warnings.push(
        `${host.source}: ${host.name} is both a host and a group; a pattern chooses the host`,
      );
    }
  }
  const groups = new Map<string, Group>();
  for (const group of draft.groups.values()) {
    groups.set(group.name, {
      name: group.name,
      children: [...group.children.keys()].map((child) => child.name),
      parents: [...group.parents].map((parent) => parent.name),
      hosts: [...group.hosts].map((host) => host.name),
      depth: depths.get(group) ?? 0,
      priority: group.priority,
    });
  }
  /** Groups that the draft lacks, once their files were asked for. */
  const added = new Map<string, { group: DraftGroup; ready: Promise<void> }>();
  return {
    hosts,
    groups,
    warnings: draft.warnings,
    layersOf(name) {
      const host = hosts.get(name);
      if (!host) {
        throw new RangeError(
          `Cannot explain host ${name}: it is not in the inventory`,
        );
      }
      return host.layers();
    },
    readGroup(name) {
      if (draft.groups.has(name)) return Promise.resolve();
      let later = added.get(name);
      if (later === undefined) {
        const group = new DraftGroup(name);
        depths.set(group, 1);
        later = { group, ready: readVars(group) };
        added.set(name, later);
      }
      return later.ready;
    },
    inheritedBy(names) {
      const known = names.flatMap((name) =>
        draft.groups.get(name) ?? added.get(name)?.group ?? []
      );
      return memberships.of(new Set([draft.all, ...known])).vars;
    },
  };
}

class FinishedHost implements Host {
  readonly #draft: DraftHost;
  readonly #membership: Membership;
  #vars: Readonly<Record<string, unknown>> | undefined;

  constructor(
    draft: DraftHost,
    membership: Membership,
    readonly skippedFiles: readonly string[],
  ) {
    this.#draft = draft;
    this.#membership = membership;
  }

  get name(): string {
    return this.#draft.name;
  }

  get source(): string {
    return this.#draft.source;
  }

  get groups(): readonly string[] {
    return this.#membership.groups;
  }

  get vars(): Readonly<Record<string, unknown>> {
    const { vars, fileVars } = this.#draft;
    if (!vars && !fileVars) return this.#membership.vars;
    return this.#vars ??= merge([vars, fileVars], this.#membership.vars);
  }

  layers(): Layer[] {
    const { name, vars, fileVars } = this.#draft;
    const layers = this.#membership.layers();
    if (vars) layers.push(layer("host", name, vars));
    if (fileVars) layers.push(layer("host", name, fileVars));
    return layers;
  }
}
