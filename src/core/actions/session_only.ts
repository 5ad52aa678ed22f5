// What actions need that change the inventory of a session.
import { BuildError } from "../../errors.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import type { SessionInventory } from "../fleet/session_inventory.ts";

/**
 * The inventory that a module changes.
 *
 * @throws {BuildError} outside of a session, where nothing would come after it.
 */
export function sessionOf(
  fleet: HostFleet,
  { module, hint }: { module: string; hint: string },
): SessionInventory {
  if (fleet.session !== undefined) return fleet.session;
  throw new BuildError(
    `Cannot run module ${module}: it changes the inventory of a session, and this is a single call`,
    { hint },
  );
}
