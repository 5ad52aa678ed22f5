// The layout of a YAML inventory: groups by name, each with hosts, vars and
// children (Ansible's yaml plugin). What Ansible skips with a warning is skipped
// with a warning; what it refuses is an error with a place.
import type { DraftGroup, InventoryDraft, Variables } from "../build/draft.ts";
import { errorAt, type TextPlace } from "../text_place.ts";
import { closest } from "../suggest.ts";
import { expandHosts } from "./address.ts";
import {
  describeNode,
  type DocumentNode,
  type MapEntry,
  nodeOf,
} from "./document.ts";

const SECTIONS = ["hosts", "vars", "children"];

/**
 * Reads a document as groups into a draft.
 *
 * @throws {InventoryError} when it is not an inventory.
 */
export function readGroups(root: DocumentNode, draft: InventoryDraft): void {
  if (root.kind === "null") return draft.warn(root.place, "the file is empty");
  if (root.kind !== "map") {
    throw errorAt(
      root.place,
      `an inventory is a mapping of groups, found ${describeNode(root)}`,
      { hint: "Start with all:, and put hosts: below it" },
    );
  }
  const entries = root.entries();
  const plugin = entries.find(({ key }) => key === "plugin");
  if (plugin) {
    throw errorAt(
      plugin.place,
      "it configures an inventory plugin, which only Ansible can run",
      { hint: "Save the output of ansible-inventory --list, and use that" },
    );
  }
  for (const entry of entries) {
    refuseSection(entry);
    readGroup(entry, draft);
  }
}

/** Ansible reads `hosts:` at the top as an empty group of that name. */
function refuseSection({ key, place, node }: MapEntry): void {
  const isSection = SECTIONS.includes(String(key)) &&
    !node.entries().some(({ key }) => SECTIONS.includes(String(key)));
  if (!isSection) return;
  throw errorAt(place, `${key} is outside of any group`, {
    hint: "Put it below a group, such as all:",
  });
}

function readGroup(
  { key, place, node }: MapEntry,
  draft: InventoryDraft,
): DraftGroup | undefined {
  const name = groupName(key, place);
  if (node.kind !== "map" && node.kind !== "null") {
    draft.warn(
      node.place,
      `skipped ${name}: a group is a mapping, found ${describeNode(node)}`,
    );
    return undefined;
  }
  const group = draft.group(name, place);
  for (const section of node.entries()) {
    switch (section.key) {
      case "hosts":
        readHosts(section, group, draft);
        break;
      case "vars":
        for (
          const [key, variable] of variablesIn(
            section.node,
            `vars of group ${name}`,
          )
        ) {
          draft.setGroupVar(group, key, variable);
        }
        break;
      case "children":
        for (const entry of members(section, group)) {
          const child = readGroup(entry, draft);
          if (child) draft.addChild(group, child, entry.place);
        }
        break;
      default:
        warnOfKey(section, group, draft);
    }
  }
  return group;
}

function groupName(key: unknown, place: TextPlace): string {
  if (typeof key === "string") return key;
  throw errorAt(place, `the name of a group must be text, found ${key}`, {
    hint: "Put it in quotes",
  });
}

function warnOfKey(
  section: MapEntry,
  group: DraftGroup,
  draft: InventoryDraft,
): void {
  const guess = closest(String(section.key), SECTIONS);
  draft.warn(
    section.place,
    `skipped ${section.key} of group ${group.name}: a group has ${
      SECTIONS.join(", ")
    }` +
      (guess ? `; did you mean ${guess}?` : ""),
  );
}

function readHosts(
  section: MapEntry,
  group: DraftGroup,
  draft: InventoryDraft,
): void {
  for (const entry of members(section, group)) {
    if (typeof entry.key !== "string") {
      throw errorAt(
        entry.place,
        `the name of a host must be text, found ${entry.key}`,
        { hint: "Put it in quotes" },
      );
    }
    const { names, port } = expandHosts(entry.key, entry.place);
    const variables = variablesIn(entry.node, `host ${entry.key}`);
    for (const name of names) {
      const host = draft.host(name, group, { ...entry.place, port });
      for (const [key, variable] of variables) {
        draft.setHostVar(host, key, variable);
      }
    }
  }
}

/** The entries of `hosts` or `children`, which may be a single name. */
function members(
  { key, node }: MapEntry,
  group: DraftGroup,
): readonly MapEntry[] {
  switch (node.kind) {
    case "map":
      return node.entries();
    case "null":
      return [];
    case "scalar": {
      const value = node.value();
      if (typeof value === "string") {
        return [{
          key: value,
          name: value,
          place: node.place,
          node: nodeOf(null, node.place),
        }];
      }
    }
  }
  throw errorAt(
    node.place,
    `${key} of group ${group.name} must be a mapping, found ${
      describeNode(node)
    }`,
    node.kind === "list"
      ? { hint: "Write each as name: instead of - name" }
      : {},
  );
}

/** Reads a mapping of variables; `what` names it in errors. */
export function variablesIn(node: DocumentNode, what: string): Variables {
  const variables: Variables = new Map();
  if (node.kind === "null") return variables;
  if (node.kind !== "map") {
    throw errorAt(
      node.place,
      `${what} must be a mapping of variables, found ${describeNode(node)}`,
      { hint: "Write each as name: value" },
    );
  }
  for (const { name, place: { file, line }, node: value } of node.entries()) {
    variables.set(name, { value: value.value(), file, line });
  }
  return variables;
}
