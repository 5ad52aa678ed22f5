// Reads an inventory and chooses hosts by a pattern.
import type { Host, Inventory } from "../../inventory/inventory.ts";
import { loadInventory } from "../../inventory/load.ts";
import { decideExpressions } from "../../inventory/expression.ts";
import { selectHosts } from "../../inventory/pattern/pattern.ts";
import type { Vault } from "../../inventory/vault.ts";
import { openInventorySources } from "./inventory_sources.ts";

/** An inventory, and a pattern that chooses hosts from it. */
export interface HostChoice {
  /** Files, folders, executable scripts, or lists of hosts: `"web1,web2,"`. */
  inventory: string | readonly string[];
  /** The pattern that chooses hosts. Default: `all`. */
  pattern?: string | undefined;
  /** Decrypts what Ansible Vault encrypted. Default: such values fail when used. */
  vault?: Vault | undefined;
}

/**
 * Reads an inventory and chooses hosts from it, in its order.
 *
 * @throws {InventoryError} when it cannot be read, or no host is chosen.
 */
export async function loadHosts(
  { inventory, pattern = "all", vault }: HostChoice,
): Promise<Host[]> {
  return (await loadChoice({ inventory, pattern, vault })).hosts;
}

/** Reads an inventory and chooses hosts from it, as `loadHosts` does. */
export async function loadChoice(
  { inventory, pattern = "all", vault }: HostChoice,
): Promise<{ inventory: Inventory; hosts: Host[] }> {
  const sources = typeof inventory === "string" ? [inventory] : inventory;
  const loaded = await loadInventory(sources, openInventorySources(), {
    vault,
  });
  const expressions = await decideExpressions(loaded, pattern);
  const hosts = selectHosts(loaded, pattern, { expressions });
  return { inventory: loaded, hosts };
}
