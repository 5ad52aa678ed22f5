// The inventory of a session, which calls of set_fact, include_vars, add_host and
// group_by change until the session ends. Files are never written.
import {
  type Group,
  type Host,
  implicitHost,
  type Inventory,
  type LoadedInventory,
} from "../../inventory/inventory.ts";

/** The group of hosts that are in no other. */
const UNGROUPED = "ungrouped";

type Variables = Readonly<Record<string, unknown>>;

/** Where the variables of a session's hosts come from. */
export interface VariableSources {
  /** Has the variables of groups, and those that hosts have of their own. */
  readonly loaded: Pick<
    LoadedInventory,
    "layersOf" | "inheritedBy" | "readGroup"
  >;
  /** Those of `-e`, which win over all others. */
  readonly extra: Variables;
}

/** A host after a change, and whether it differs from what it was. */
export interface ChangedHost {
  readonly host: Host;
  readonly changed: boolean;
}

/** What sets variables of a host, the weakest first, as in Ansible. */
export type SetBy = "add_host" | "include_vars" | "set_fact";

/** An inventory that calls can change. */
export class SessionInventory implements Inventory {
  readonly #read: Inventory;
  readonly #sources: VariableSources;
  readonly #hosts: Map<string, Host>;
  readonly #set = new Map<string, Record<SetBy, Variables>>();
  #groups: ReadonlyMap<string, Group>;

  /** @param read What was read, with `-e`; it stays as it is. */
  constructor(read: Inventory, sources: VariableSources) {
    this.#read = read;
    this.#sources = sources;
    this.#hosts = new Map(read.hosts);
    this.#groups = new Map(read.groups);
  }

  /** Its hosts, by name. */
  get hosts(): ReadonlyMap<string, Host> {
    return this.#hosts;
  }

  /** Its groups, by name: another map after each change. */
  get groups(): ReadonlyMap<string, Group> {
    return this.#groups;
  }

  /** Adds a host, or variables to one that it has. */
  addHost(
    name: string,
    variables: Variables,
    by: SetBy = "add_host",
  ): ChangedHost {
    const isNew = !this.#hosts.has(name);
    const before = this.#own(name);
    const set = this.#set.get(name) ??
      { add_host: {}, include_vars: {}, set_fact: {} };
    this.#set.set(name, { ...set, [by]: { ...set[by], ...variables } });
    if (isNew) this.#join(UNGROUPED, name);
    const changed = isNew ||
      Object.entries(variables).some(([key, value]) =>
        JSON.stringify(value) !== JSON.stringify(before[key])
      );
    const groups = this.#hosts.get(name)?.groups ?? [UNGROUPED];
    return { host: this.#update(name, groups), changed };
  }

  /**
   * Adds a host to a group, which becomes a child of its parents. The host has the
   * variables of its groups then, below its own, also those in `group_vars/` of a
   * new group. Undefined for an unknown host.
   *
   * @throws {InventoryError} when a file of variables cannot be read.
   */
  async addToGroup(
    name: string,
    { group, parents }: { group: string; parents: readonly string[] },
  ): Promise<ChangedHost | undefined> {
    for (const each of [group, ...parents]) {
      await this.#sources.loaded.readGroup(each);
    }
    const host = this.#hosts.get(name);
    if (host === undefined) return undefined;
    let changed = this.#join(group, name);
    this.#leave(UNGROUPED, name);
    for (const parent of parents.filter((each) => each !== "all")) {
      if (this.#adopt(parent, group)) changed = true;
    }
    const before = host.groups.filter((each) => each !== UNGROUPED);
    const groups = this.#withAncestors([...before, group]);
    return { host: this.#update(name, groups), changed };
  }

  /** Makes a host again, with these groups and all its variables. */
  #update(name: string, groups: readonly string[]): Host {
    const { loaded, extra } = this.#sources;
    const known = this.#hosts.get(name) ?? { name, vars: {}, groups };
    const vars = Object.assign(
      Object.create(null),
      loaded.inheritedBy(groups),
      this.#own(name),
      extra,
    );
    const host = { ...plain(known), groups, vars: Object.freeze(vars) };
    this.#hosts.set(name, host);
    return host;
  }

  /** The variables that a host has of its own: those that were read, and set. */
  #own(name: string): Record<string, unknown> {
    const own: Record<string, unknown> = Object.create(null);
    const isRead = this.#read.hosts.has(name);
    if (!isRead) Object.assign(own, implicitHost(name)?.vars);
    const layers = isRead ? this.#sources.loaded.layersOf(name) : [];
    for (const { owner, variables } of layers) {
      if (owner === "group") continue;
      for (const [key, { value }] of variables) own[key] = value;
    }
    const { add_host, include_vars, set_fact } = this.#set.get(name) ?? {};
    return Object.assign(own, add_host, include_vars, set_fact);
  }

  /** Groups and all above them but `all`, in the order of {@linkcode Host.groups}. */
  #withAncestors(names: readonly string[]): string[] {
    const found = new Set(names);
    for (const name of found) {
      for (const parent of this.#groupOf(name).parents) found.add(parent);
    }
    found.delete("all");
    return [...found].map((name) => this.#groupOf(name)).sort((a, b) =>
      a.depth - b.depth || a.priority - b.priority ||
      (a.name < b.name ? -1 : 1)
    ).map(({ name }) => name);
  }

  /** Whether the host was not in the group itself. */
  #join(group: string, host: string): boolean {
    const known = this.#groupOf(group);
    if (known.hosts.includes(host)) return false;
    this.#keep(group, { ...known, hosts: [...known.hosts, host] });
    return true;
  }

  #leave(group: string, host: string): void {
    const known = this.#groupOf(group);
    const hosts = known.hosts.filter((name) => name !== host);
    this.#keep(group, { ...known, hosts });
  }

  /** Whether the group was not yet a child. */
  #adopt(parent: string, child: string): boolean {
    const [above, below] = [this.#groupOf(parent), this.#groupOf(child)];
    if (above.children.includes(child) || parent === child) return false;
    const children = [...above.children, child];
    this.#keep(parent, { ...above, children });
    const parents = [...below.parents, parent];
    this.#keep(child, { ...below, parents, depth: above.depth + 1 });
    return true;
  }

  #keep(name: string, group: Group): void {
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
    this.#keep("all", { ...all, children: [...all.children, name] });
    const group = { ...none, name, parents: ["all"], depth: 1 };
    this.#keep(name, group);
    return group;
  }
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
