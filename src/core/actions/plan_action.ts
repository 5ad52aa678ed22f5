// Plans the action that replaces a module which Ansible runs on its controller. A
// module without a replacement is refused before any contact.
import { BuildError } from "../../errors.ts";
import { UnsupportedError } from "../../gate/imports/unsupported.ts";
import type { ModuleCall } from "../call/call.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import type { Task } from "../work/task.ts";
import { findAction } from "./registry.ts";

/**
 * Plans the action for a module; undefined when the module itself runs.
 *
 * @param options As for `Plan`.
 * @throws {BuildError} when Ansible runs an action plugin of that name, and ftl has
 *   no replacement.
 */
export async function planAction(
  call: ModuleCall,
  fleet: HostFleet,
  { isReceived = false }: { isReceived?: boolean } = {},
): Promise<Task | undefined> {
  const { module } = call;
  const { action, located } = await findAction(module, fleet);
  if (action?.plan !== undefined) {
    if (call.background !== undefined && !action.mayBeJob) {
      throw new BuildError(
        `Cannot run module ${module} in the background: a part of it works on this machine`,
        { hint: "Run it without `background`, and wait for it" },
      );
    }
    const plan = await action.plan();
    const name = (located?.fullName ?? module).split(".").at(-1)!;
    return await plan(call, { name, fleet, isReceived });
  }
  if (action?.instead !== undefined) {
    throw new BuildError(
      `Cannot run module ${module}: Ansible runs it on its controller`,
      { hint: action.instead },
    );
  }
  if (action === undefined && located?.hasAction) {
    throw new BuildError(
      `Cannot run module ${module}: Ansible runs an action plugin of that name on its controller, and the module as a part of it`,
      { hint: await forceHint(module, fleet) },
    );
  }
  return undefined;
}

/** The hint for a module that can run without its action plugin. */
async function forceHint(
  module: string,
  fleet: HostFleet,
): Promise<string | undefined> {
  try {
    await fleet.prepare(module);
    return "Run the module itself with `moduleOnly`";
  } catch (error) {
    if (error instanceof UnsupportedError) throw error;
    return undefined; // the module is only the documentation of its action
  }
}
