// The layout that executable inventories and `ansible-inventory` print for
// `--list`: groups with lists of hosts, and the hosts' variables under `_meta`
// (Ansible's script plugin).
import type { InventoryDraft } from "../build/draft.ts";
import { errorAt } from "../text_place.ts";
import { describeNode, type DocumentNode, type MapEntry } from "./document.ts";
import { variablesIn } from "./groups.ts";

/** Whether a document has this layout, and not that of a YAML inventory. */
export function isListing(root: DocumentNode): boolean {
  return root.entries().some(({ key, node }) =>
    key === "_meta" || node.kind === "list" ||
    node.entries().some(({ key, node }) =>
      key === "hosts" && node.kind === "list"
    )
  );
}

/**
 * Reads a listing into a draft.
 *
 * @returns the hosts whose variables must be read with `--host`: all hosts, when
 * there is no `_meta`.
 * @throws {InventoryError} when it has another layout.
 */
export function readListing(
  root: DocumentNode,
  draft: InventoryDraft,
): string[] {
  if (root.kind !== "map") {
    throw errorAt(
      root.place,
      `expected an object of groups, found ${describeNode(root)}`,
    );
  }
  const named = new Set<string>();
  let hostVars: DocumentNode | undefined;
  for (const entry of root.entries()) {
    if (entry.key === "_meta") {
      hostVars = entry.node.entries().find(({ key }) => key === "hostvars")
        ?.node;
    } else for (const name of readGroup(entry, draft)) named.add(name);
  }
  if (!hostVars) return [...named];
  for (const { key, node } of hostVars.entries()) {
    const name = String(key);
    // Variables of hosts in no group are ignored.
    if (named.has(name)) readHostVars(name, node, draft);
  }
  return [];
}

/** Reads one host's variables, as printed for `--host`. */
export function readHostVars(
  name: string,
  node: DocumentNode,
  draft: InventoryDraft,
): void {
  const host = draft.hosts.get(name);
  if (!host) return;
  for (const [key, variable] of variablesIn(node, `host ${name}`)) {
    draft.setHostVar(host, key, variable);
  }
}

/** Reads one group and returns the names of its hosts. */
function readGroup(
  { key, place, node }: MapEntry,
  draft: InventoryDraft,
): string[] {
  const name = String(key);
  const group = draft.group(name, place);
  const entries = new Map(
    node.entries().map((entry) => [entry.key, entry.node]),
  );
  const sections = ["hosts", "vars", "children"].map((section) =>
    entries.get(section)
  );
  let [hosts, vars] = sections;
  const children = sections[2];
  if (node.kind !== "map") hosts = node;
  // An object without these sections is a host of that name with its variables.
  else if (!sections.some((section) => section)) vars = node;
  const names = vars === node
    ? [name]
    : textsIn(hosts, `hosts of group ${name}`);
  for (const hostName of names) draft.host(hostName, group, place);
  if (vars) {
    for (const [key, variable] of variablesIn(vars, `vars of group ${name}`)) {
      draft.setGroupVar(group, key, variable);
    }
  }
  for (const child of textsIn(children, `children of group ${name}`)) {
    draft.addChild(group, draft.group(child, place), place);
  }
  return names;
}

function textsIn(node: DocumentNode | undefined, what: string): string[] {
  if (!node) return [];
  const value = node.value();
  if (!Array.isArray(value)) {
    throw errorAt(
      node.place,
      `${what} must be a list of names, found ${describeNode(node)}`,
    );
  }
  return value.map((item: unknown) => {
    if (typeof item === "string") return item;
    throw errorAt(
      node.place,
      `${what} must be a list of names, found ${JSON.stringify(item)} in it`,
    );
  });
}
