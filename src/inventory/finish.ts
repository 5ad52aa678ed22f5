// Turns a Draft into an Inventory: hangs every group below `all`, keeps
// `ungrouped` true, measures depths and merges variables. Variables are merged
// only when asked for, and shared by hosts that have the same ones, so that
// twenty thousand hosts cost little.
import type { Draft, DraftGroup, DraftHost, Variables } from "./draft.ts";
import type {
  Group,
  Host,
  Layer,
  LoadedInventory,
  Variable,
} from "./inventory.ts";
import { errorAt } from "./place.ts";

/**
 * Makes the inventory that a draft describes. The draft must not change
 * afterwards.
 *
 * @throws {InventoryError} when a group is its own ancestor.
 */
export function finishDraft(draft: Draft): LoadedInventory {
  hangBelowAll(draft);
  settleUngrouped(draft);
  const depths = measureDepths(draft);
  const memberships = new Memberships(depths);
  const hosts = new Map<string, FinishedHost>();
  for (const host of draft.hosts.values()) {
    hosts.set(host.name, new FinishedHost(host, memberships.of(host)));
    if (draft.groups.has(host.name)) {
      draft.warnings.push(
        `${host.source}: ${host.name} is both a host and a group; as a pattern it means the host`,
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
  return {
    hosts,
    groups,
    warnings: draft.warnings,
    layersOf(name) {
      const host = hosts.get(name);
      if (!host) {
        throw new RangeError(
          `Cannot explain host ${name}: not in the inventory`,
        );
      }
      return host.layers();
    },
  };
}

function hangBelowAll(draft: Draft): void {
  for (const group of draft.groups.values()) {
    if (group !== draft.all && group.parents.size === 0) {
      draft.addChild(draft.all, group, { file: "", line: 0 });
    }
  }
}

/** A host is in `ungrouped` exactly when it is in no other group but `all`. */
function settleUngrouped({ all, ungrouped, hosts }: Draft): void {
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

/** Longest way from `all` to each group; Kahn's order, so depth costs no stack. */
function measureDepths(draft: Draft): Map<DraftGroup, number> {
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
        // The parent that was settled last is the deepest only by accident.
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
  draft: Draft,
  settled: ReadonlyMap<DraftGroup, number>,
): Error {
  let group = [...draft.groups.values()].find((g) => !settled.has(g)) ??
    draft.all;
  // Every unsettled group has an unsettled parent, so walking up must come round.
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
    // That a group is below `all` is written nowhere.
    places.find((place) => place?.line) ?? places[0] ?? { file: "", line: 0 },
    `groups contain each other: ${loop.map(({ name }) => name).join(" > ")}`,
    { hint: "Take one of them out of the other's children." },
  );
}

/** One set of groups that hosts are in; hosts with the same set share it. */
class Membership {
  #groups: readonly string[] | undefined;
  #vars: Readonly<Record<string, unknown>> | undefined;

  constructor(
    private readonly direct: readonly DraftGroup[],
    private readonly depths: ReadonlyMap<DraftGroup, number>,
  ) {}

  get groups(): readonly string[] {
    return this.#groups ??= this.#sorted()
      .map((group) => group.name)
      .filter((name) => name !== "all");
  }

  get vars(): Readonly<Record<string, unknown>> {
    return this.#vars ??= merge(this.layers().map((layer) => layer.variables));
  }

  /**
   * What the groups say, weakest first. Ansible lets every `group_vars/` win
   * over every inventory file, and `group_vars/all` be the weakest of them
   * (its VARIABLE_PRECEDENCE).
   */
  layers(): Layer[] {
    const sorted = this.#sorted();
    const layers = sorted.map((group) =>
      layer("group", group.name, group.vars)
    );
    const all = sorted.filter((group) => group.name === "all");
    const others = sorted.filter((group) => group.name !== "all");
    for (const groups of [all, others]) {
      const folders = Math.max(0, ...groups.map((g) => g.fileVars.length));
      for (let folder = 0; folder < folders; folder++) {
        for (const group of groups) {
          const variables = group.fileVars[folder];
          if (variables) layers.push(layer("group", group.name, variables));
        }
      }
    }
    return layers.filter(({ variables }) => variables.size > 0);
  }

  /** The groups and all their ancestors: by depth, priority, then name. */
  #sorted(): DraftGroup[] {
    const groups = new Set(this.direct);
    for (const group of groups) {
      for (const parent of group.parents) groups.add(parent);
    }
    const depth = (group: DraftGroup) => this.depths.get(group) ?? 0;
    return [...groups].sort((a, b) =>
      depth(a) - depth(b) || a.priority - b.priority ||
      (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
    );
  }
}

class Memberships {
  readonly #known = new Map<string, Membership>();
  readonly #numbers = new Map<DraftGroup, number>();

  constructor(private readonly depths: ReadonlyMap<DraftGroup, number>) {
    for (const group of depths.keys()) {
      this.#numbers.set(group, this.#numbers.size);
    }
  }

  of(host: DraftHost): Membership {
    const groups = [...host.groups];
    const key = groups.map((group) => this.#numbers.get(group) ?? 0)
      .sort((a, b) => a - b).join();
    let membership = this.#known.get(key);
    if (!membership) {
      membership = new Membership(groups, this.depths);
      this.#known.set(key, membership);
    }
    return membership;
  }
}

class FinishedHost implements Host {
  readonly #draft: DraftHost;
  readonly #membership: Membership;
  #vars: Readonly<Record<string, unknown>> | undefined;

  constructor(draft: DraftHost, membership: Membership) {
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

function layer(
  owner: Layer["owner"],
  name: string,
  variables: Variables,
): Layer {
  return { owner, name, variables };
}

function merge(
  layers: readonly (ReadonlyMap<string, Variable> | undefined)[],
  base?: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const vars: Record<string, unknown> = Object.assign(
    Object.create(null),
    base,
  );
  for (const variables of layers) {
    for (const [name, { value }] of variables ?? []) vars[name] = value;
  }
  return Object.freeze(vars);
}
