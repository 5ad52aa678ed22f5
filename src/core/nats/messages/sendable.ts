// Refuses, before any contact, what does not work over NATS: what needs the terminal
// or the inventory of the sender while it runs, or writes files there.
import { BuildError } from "../../../errors.ts";
import { findAction } from "../../actions/registry.ts";
import type { Call, ModuleCall } from "../../call/call.ts";
import type { HostFleet } from "../../fleet/host_fleet.ts";

/** Actions that workers can carry out, by their names without collection. */
const ACTIONS: ReadonlySet<string> = new Set([
  ..."command shell raw script package service dnf yum async_status".split(" "),
  ..."gather_facts reboot wait_for_connection".split(" "),
  ..."copy template unarchive assemble uri".split(" "),
]);

/**
 * Checks that workers can make a call.
 *
 * @throws {FtlError} that says what does not work over NATS.
 */
export async function checkSendable(
  call: Call,
  fleet: HostFleet,
): Promise<void> {
  if (!("module" in call)) return;
  if (!call.native && !call.moduleOnly) await checkAction(call, fleet);
}

async function checkAction(call: ModuleCall, fleet: HostFleet): Promise<void> {
  const { module } = call;
  const { action, located } = await findAction(module, fleet);
  if (action?.plan === undefined) return;
  const name = (located?.fullName ?? module).split(".").at(-1)!;
  if (ACTIONS.has(name)) return;
  throw new BuildError(
    `Cannot run module ${module} over NATS: a part of it works on this machine`,
    { hint: "Run it without --nats" },
  );
}
