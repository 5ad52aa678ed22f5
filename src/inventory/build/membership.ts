// What hosts inherit from their groups: names and variables. Computed on demand,
// and shared by all hosts in the same groups.
import type { Layer, Variable } from "../inventory.ts";
import type { DraftGroup, Variables } from "./draft.ts";

/** One set of groups, shared by all hosts in exactly these groups. */
export class Membership {
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
   * The variables of the groups, weakest first. Every `group_vars/` wins over every
   * inventory file, and `group_vars/all` is the weakest of them (Ansible's
   * VARIABLE_PRECEDENCE).
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

/** The sets of groups that hosts are in. */
export class Memberships {
  readonly #known = new Map<string, Membership>();
  readonly #numbers = new Map<DraftGroup, number>();

  constructor(private readonly depths: ReadonlyMap<DraftGroup, number>) {}

  of(direct: ReadonlySet<DraftGroup>): Membership {
    const groups = [...direct];
    const key = groups.map((group) => this.#numberOf(group))
      .sort((a, b) => a - b).join();
    let membership = this.#known.get(key);
    if (!membership) {
      membership = new Membership(groups, this.depths);
      this.#known.set(key, membership);
    }
    return membership;
  }

  #numberOf(group: DraftGroup): number {
    const number = this.#numbers.get(group) ?? this.#numbers.size;
    this.#numbers.set(group, number);
    return number;
  }
}

/** Makes the layer of a group or host. */
export function layer(
  owner: Layer["owner"],
  name: string,
  variables: Variables,
): Layer {
  return { owner, name, variables };
}

/** Merges variables over a base, the strongest last, and freezes the result. */
export function merge(
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
