// An inventory that was read: hosts, groups and the merged variables of each host.
// Names from files are only keys of Maps or of objects without a prototype, so
// that a host called __proto__ is a host.
import type { TextPlace } from "./text_place.ts";

/** One machine. */
export interface Host {
  /** The name in the inventory. */
  readonly name: string;
  /**
   * The merged variables of the host and its groups: `all` is the weakest, then
   * groups by depth, priority and name, then the host itself. Frozen; templates
   * are not rendered.
   */
  readonly vars: Readonly<Record<string, unknown>>;
  /** All groups with this host, directly or through a child, parents first; not `all`. */
  readonly groups: readonly string[];
  /** The file, script or list that named the host first. */
  readonly source?: string;
  /** Encrypted files of variables that were skipped, of this host or others. */
  readonly skippedFiles?: readonly string[];
}

/** The same host with other variables. Its members may be computed. */
export function withVars(
  { name, groups, source, skippedFiles }: Host,
  vars: Host["vars"],
): Host {
  return {
    name,
    groups,
    vars,
    ...(source && { source }),
    ...(skippedFiles && { skippedFiles }),
  };
}

/** A named set of hosts. */
export interface Group {
  /** The group's name. */
  readonly name: string;
  /** The child groups, in the order of the sources. */
  readonly children: readonly string[];
  /** The groups that it is a child of. */
  readonly parents: readonly string[];
  /** The hosts of the group itself. See {@linkcode hostsOf} for all. */
  readonly hosts: readonly string[];
  /** The longest path from `all`, which has depth 0. */
  readonly depth: number;
  /** `ansible_group_priority`: among groups of equal depth, the highest wins. */
  readonly priority: number;
}

/** Hosts and groups by name, in the order of the sources. */
export interface Inventory {
  /** All hosts by name. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** Always has `all` and `ungrouped`. */
  readonly groups: ReadonlyMap<string, Group>;
}

/** A variable's value, and where it was set. */
export interface Variable extends TextPlace {
  readonly value: unknown;
}

/** The variables of one group or host, from inventories or from vars files. */
export interface Layer {
  readonly owner: "group" | "host";
  readonly name: string;
  readonly variables: ReadonlyMap<string, Variable>;
}

/** An inventory with the origin of its variables. */
export interface LoadedInventory extends Inventory {
  /** What was skipped or looks wrong, one sentence each. */
  readonly warnings: readonly string[];
  /**
   * The layers of a host's variables, the weakest first.
   *
   * @throws {RangeError} when the host is not in the inventory.
   */
  layersOf(host: string): readonly Layer[];
  /**
   * The merged variables that a host has from these groups, their ancestors and
   * `all`. Groups that the inventory lacks have those that `readGroup` read.
   */
  inheritedBy(groups: readonly string[]): Readonly<Record<string, unknown>>;
  /**
   * Reads the `group_vars/` of a group that the inventory lacks, once; from then on
   * `inheritedBy` has them. Does nothing for a group of the inventory.
   *
   * @throws {InventoryError} when a file cannot be read.
   */
  readGroup(name: string): Promise<void>;
}

/**
 * Lists the hosts of a group and its descendants, each once: the group's own
 * first, then level by level.
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
  // Iterating a Set also visits elements that are added in the meantime.
  for (const name of seen) {
    for (const child of inventory.groups.get(name)?.children ?? []) {
      seen.add(child);
    }
  }
  return seen;
}

/** Names of the controller, unless an inventory defines them. */
const LOCAL_NAMES: ReadonlySet<string> = new Set([
  "localhost",
  "127.0.0.1",
  "::1",
]);

/**
 * The host `localhost` when no inventory defines it (Ansible's implicit
 * localhost): used without SSH, in no group. Undefined for other names.
 */
export function implicitHost(name: string): Host | undefined {
  if (!LOCAL_NAMES.has(name)) return undefined;
  const vars: Record<string, unknown> = Object.create(null);
  vars.ansible_connection = "local";
  return { name, vars: Object.freeze(vars), groups: [] };
}
