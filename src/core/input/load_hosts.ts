// From the words that name an inventory and a pattern to hosts.
import type { Host } from "../../inventory/inventory.ts";
import { loadInventory } from "../../inventory/load.ts";
import { selectHosts } from "../../inventory/pattern/pattern.ts";
import type { Vault } from "../../inventory/vault.ts";
import { openInventorySources } from "./inventory_sources.ts";

/** Which hosts are meant. */
export interface HostChoice {
  /** Files, folders, executable scripts, or hosts themselves: `"web1,web2,"`. */
  inventory: string | readonly string[];
  /** Chooses among them, as `ftl -l` does. Default: all. */
  pattern?: string | undefined;
  /** Reads what Ansible Vault has encrypted. Default: nothing can. */
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
  const sources = typeof inventory === "string" ? [inventory] : inventory;
  return selectHosts(
    await loadInventory(sources, openInventorySources(), { vault }),
    pattern,
  );
}
