// What an inventory is once it has been read: hosts, groups and the merged
// variables of each host. Names from files are only ever keys of Maps, or of
// objects without a prototype, so that a host called __proto__ is a host.
import type { TextPlace } from "./text_place.ts";

/** One machine. */
export interface Host {
  /** Its name in the inventory. */
  readonly name: string;
  /**
   * Its variables and its groups', merged: `all` is the weakest, then groups
   * by depth, priority and name, then the host itself. Frozen; templates in it
   * are as they were written.
   */
  readonly vars: Readonly<Record<string, unknown>>;
  /** Every group it is in, itself or by a child group, parents first; not `all`. */
  readonly groups: readonly string[];
  /** The file, script or list that first named it. */
  readonly source?: string;
}

/** A named set of hosts. */
export interface Group {
  readonly name: string;
  /** The child groups, in the order in which they were named. */
  readonly children: readonly string[];
  readonly parents: readonly string[];
  /** The hosts named in the group itself. See {@linkcode hostsOf} for all. */
  readonly hosts: readonly string[];
  /** The longest way from `all`, which has depth 0. */
  readonly depth: number;
  /** `ansible_group_priority`: among groups of one depth, the highest wins. */
  readonly priority: number;
}

/** Hosts and groups by their names, in the order in which they were named. */
export interface Inventory {
  readonly hosts: ReadonlyMap<string, Host>;
  /** Always has `all` and `ungrouped`. */
  readonly groups: ReadonlyMap<string, Group>;
}

/** A variable's value and the place where it was set. */
export interface Variable extends TextPlace {
  readonly value: unknown;
}

/** The variables that one group or host got from its inventory or vars files. */
export interface Layer {
  readonly owner: "group" | "host";
  readonly name: string;
  readonly variables: ReadonlyMap<string, Variable>;
}

/** An inventory, and where everything in it comes from. */
export interface LoadedInventory extends Inventory {
  /** What was skipped or is doubtful, one sentence each. */
  readonly warnings: readonly string[];
  /**
   * The layers that a host's variables were merged from, the weakest first.
   *
   * @throws {RangeError} when there is no such host.
   */
  layersOf(host: string): readonly Layer[];
}

/**
 * Lists the hosts of a group and of the groups below it, each once: the
 * group's own first, then level by level.
 */
export function hostsOf(inventory: Inventory, group: string): Host[] {
  const found = new Set<Host>();
  for (const name of withDescendants(inventory, group)) {
    for (const hostName of inventory.groups.get(name)?.hosts ?? []) {
      const host = inventory.hosts.get(hostName);
      if (host) found.add(host);
    }
  }
  return [...found];
}

function withDescendants(inventory: Inventory, group: string): Set<string> {
  const seen = new Set([group]);
  // A Set's iteration also visits what is added while it runs.
  for (const name of seen) {
    for (const child of inventory.groups.get(name)?.children ?? []) {
      seen.add(child);
    }
  }
  return seen;
}

/** Names that mean the machine ftl runs on, when no inventory defines them. */
const LOCAL_NAMES: ReadonlySet<string> = new Set([
  "localhost",
  "127.0.0.1",
  "::1",
]);

/**
 * The host that `localhost` means when no inventory names it: reached without
 * SSH, in no group. Undefined for any other name (Ansible's implicit localhost).
 */
export function implicitHost(name: string): Host | undefined {
  if (!LOCAL_NAMES.has(name)) return undefined;
  const vars: Record<string, unknown> = Object.create(null);
  vars.ansible_connection = "local";
  return { name, vars: Object.freeze(vars), groups: [] };
}
