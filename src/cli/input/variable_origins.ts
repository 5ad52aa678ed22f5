// Finds where the variables of a host were set.
import type { LoadedInventory } from "../../inventory/inventory.ts";
import { formatPlace } from "../../inventory/text_place.ts";

/** The place that set each variable; later layers override earlier ones. */
export function variableOrigins(
  inventory: LoadedInventory,
  host: string,
): Map<string, string> {
  const places = new Map<string, string>();
  for (const { owner, name, variables } of inventory.layersOf(host)) {
    for (const [key, variable] of variables) {
      const from = owner === "host" ? "" : `${name}, `;
      places.set(key, from + formatPlace(variable));
    }
  }
  return places;
}
