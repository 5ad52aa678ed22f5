// The inventory of a session, which calls of set_fact, include_vars, add_host and
// group_by change until the session ends. Files are never written.
import type { Group, Host, Inventory } from "../../inventory/inventory.ts";

/** The group of hosts that are in no other. */
const UNGROUPED = "ungrouped";

type Variables = Readonly<Record<string, unknown>>;

/** An inventory that calls can change. */
export class SessionInventory implements Inventory {
  readonly #hosts: Map<string, Host>;
  #groups: ReadonlyMap<string, Group>;

  /** @param inventory What was read; it stays as it is. */
  constructor(inventory: Inventory) {
    this.#hosts = new Map(inventory.hosts);
    this.#groups = new Map(inventory.groups);
  }

  /** Its hosts, by name. */
  get hosts(): ReadonlyMap<string, Host> {
    return this.#hosts;
  }

  /** Its groups, by name: another map after each change. */
  get groups(): ReadonlyMap<string, Group> {
    return this.#groups;
  }

  /** Adds a host, or variables to one that it has; returns the host. */
  addHost(name: string, variables: Variables): Host {
    const known = this.#hosts.get(name);
    const host = withVariables(
      known ?? { name, vars: {}, groups: [UNGROUPED] },
      variables,
    );
    this.#hosts.set(name, host);
    if (known === undefined) this.#join(UNGROUPED, name);
    return host;
  }

  /** Adds a host to a group, which becomes a child of its parents; returns the host. */
  addToGroup(
    name: string,
    { group, parents }: { group: string; parents: readonly string[] },
  ): Host | undefined {
    const host = this.#hosts.get(name);
    if (host === undefined) return undefined;
    this.#join(group, name);
    this.#leave(UNGROUPED, name);
    const above = parents.filter((parent) => parent !== "all");
    for (const parent of above) this.#adopt(parent, group);
    const before = host.groups.filter((each) => each !== UNGROUPED);
    const groups = [...new Set([...before, ...above, group])];
    const grouped = { ...plain(host), groups };
    this.#hosts.set(name, grouped);
    return grouped;
  }

  #join(group: string, host: string): void {
    const known = this.#groupOf(group);
    if (known.hosts.includes(host)) return;
    this.#set(group, { ...known, hosts: [...known.hosts, host] });
  }

  #leave(group: string, host: string): void {
    const known = this.#groupOf(group);
    const hosts = known.hosts.filter((name) => name !== host);
    this.#set(group, { ...known, hosts });
  }

  #adopt(parent: string, child: string): void {
    const [above, below] = [this.#groupOf(parent), this.#groupOf(child)];
    if (above.children.includes(child) || parent === child) return;
    const children = [...above.children, child];
    this.#set(parent, { ...above, children });
    const parents = [...below.parents, parent];
    this.#set(child, { ...below, parents, depth: above.depth + 1 });
  }

  #set(name: string, group: Group): void {
    this.#groups = new Map(this.#groups).set(name, group);
  }

  /** A group; a new one is a child of `all`. */
  #groupOf(name: string): Group {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const none = {
      children: [],
      parents: [],
      hosts: [],
      depth: 0,
      priority: 1,
    };
    const all = this.#groups.get("all") ?? { name: "all", ...none };
    if (name === "all") return all;
    this.#set("all", { ...all, children: [...all.children, name] });
    const group = { ...none, name, parents: ["all"], depth: 1 };
    this.#set(name, group);
    return group;
  }
}

/** A host with more variables, which win over those that it has. */
export function withVariables(host: Host, variables: Variables): Host {
  const vars = Object.assign(Object.create(null), host.vars, variables);
  return { ...plain(host), vars: Object.freeze(vars) };
}

/** The members of a host, which may be computed ones. */
function plain({ name, vars, groups, source, skippedFiles }: Host): Host {
  return {
    name,
    vars,
    groups,
    ...(source !== undefined && { source }),
    ...(skippedFiles !== undefined && { skippedFiles }),
  };
}
