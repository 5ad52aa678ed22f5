// `ftl inventory list`, `graph` and `show`.
import { ExactNumber, stringifyExact } from "../../../json/exact_number.ts";
import type { LoadedInventory } from "../../../inventory/inventory.ts";
import { createMask } from "../../../core/result/mask.ts";
import type { JsonObject } from "../../../protocol/message.ts";
import { closest } from "../../../inventory/suggest.ts";
import { UnsafeText, VaultValue } from "../../../inventory/secret_value.ts";
import { escapeLine, toJsonText } from "../../../output/escape.ts";
import type { Context } from "../context.ts";
import { EXIT, UsageError } from "../../process/exit_code.ts";
import { chooseHosts, readInventory } from "../../input/chosen_hosts.ts";
import { variableOrigins } from "../../input/variable_origins.ts";
import type { HostOptions } from "../../options/options.ts";

/** The options of `ftl inventory list` and `show`. */
export type InventoryOutputOptions = HostOptions & { format?: "text" | "json" };

/** Prints the chosen hosts, in the order of the inventory. */
export async function handleInventoryList(
  options: InventoryOutputOptions,
  context: Context,
): Promise<number> {
  const hosts = await chooseHosts(options, context);
  if (options.format === "json") {
    const plain = hosts.map(({ name, groups, vars }) => ({
      name,
      groups,
      vars: showableVars(vars),
    }));
    context.out(toJsonText(plain, 2) + "\n");
  } else {
    context.out(hosts.map(({ name }) => escapeLine(name) + "\n").join(""));
  }
  return EXIT.ok;
}

/** Prints the tree of groups, with the hosts in each. */
export async function handleInventoryGraph(
  group: string,
  options: HostOptions,
  context: Context,
): Promise<number> {
  const inventory = await readInventory(options, context);
  if (!inventory.groups.has(group)) {
    throw unknownName("group", group, inventory.groups.keys());
  }
  context.out(treeLines(inventory, { group, indent: "" }).join("\n") + "\n");
  return EXIT.ok;
}

/** Prints a host's groups and variables, and where each was set. */
export async function handleInventoryShow(
  name: string,
  options: InventoryOutputOptions,
  context: Context,
): Promise<number> {
  const inventory = await readInventory(options, context);
  const host = inventory.hosts.get(name);
  if (host === undefined) {
    throw unknownName("host", name, inventory.hosts.keys());
  }
  if (options.format === "json") {
    const { groups, vars } = host;
    context.out(
      toJsonText({ name, groups, vars: showableVars(vars) }, 2) + "\n",
    );
    return EXIT.ok;
  }
  const origins = variableOrigins(inventory, name);
  const lines = [escapeLine(name)];
  if (host.groups.length > 0) {
    lines.push(`  groups: ${escapeLine(host.groups.join(", "))}`);
  }
  for (const [key, value] of Object.entries(showableVars(host.vars))) {
    const place = origins.get(key);
    lines.push(
      `  ${escapeLine(key)}: ${escapeLine(stringifyExact(value))}` +
        (place ? `  (${escapeLine(place)})` : ""),
    );
  }
  context.out(lines.join("\n") + "\n");
  return EXIT.ok;
}

function treeLines(
  inventory: LoadedInventory,
  { group, indent }: { group: string; indent: string },
): string[] {
  const { children, hosts } = inventory.groups.get(group)!;
  // Every host is also in a group below `all`, such as `ungrouped`.
  const own = group === "all" ? [] : hosts;
  const lines = [`${indent}@${escapeLine(group)}:`];
  const inner = indent.replace(/--$/, "") + "  |--";
  for (const child of children) {
    const below = treeLines(inventory, { group: child, indent: inner });
    for (const line of below) lines.push(line);
  }
  for (const host of own) lines.push(`${inner}${escapeLine(host)}`);
  return lines;
}

/** Variables that can be printed: without secrets, and encrypted text as a note. */
function showableVars(
  vars: Readonly<Record<string, unknown>>,
): JsonObject {
  const plain = showable(vars) as JsonObject;
  return createMask({ args: plain }).args(plain);
}

function showable(value: unknown): unknown {
  if (value instanceof VaultValue) return "(encrypted by Ansible Vault)";
  if (Array.isArray(value)) return value.map(showable);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof UnsafeText) return value.text;
  if (value instanceof ExactNumber) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, showable(member)]),
  );
}

/** The error for a name that the inventory lacks. */
export function unknownName(
  what: string,
  name: string,
  names: Iterable<string>,
): UsageError {
  const guess = closest(name, names);
  return new UsageError(
    `Cannot show ${name}: the inventory has no such ${what}`,
    {
      hint: guess === undefined ? undefined : `Did you mean ${guess}?`,
    },
  );
}
