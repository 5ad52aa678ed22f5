// What takes the place of a module that Ansible runs on its controller. Nobody
// is contacted for what is refused.
import { BuildError } from "../../errors.ts";
import type { ModuleCall } from "../call/call.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import type { Task } from "../work/task.ts";
import { ACTIONS } from "./registry.ts";

/**
 * Plans the action for a module; undefined when the module runs as it is.
 *
 * @throws {BuildError} when Ansible runs an action plugin of that name, and ftl
 *   has nothing in its place.
 */
export async function planAction(
  call: ModuleCall,
  fleet: HostFleet,
): Promise<Task | undefined> {
  const { module } = call;
  const located = await fleet.locate(module);
  const fullName = located === undefined
    ? builtinName(module)
    : located.fullName;
  const action = fullName === undefined ? undefined : ACTIONS.get(fullName);
  if (action?.plan !== undefined) {
    const plan = await action.plan();
    const name = fullName!.split(".").at(-1)!;
    return await plan(call, { name, fleet });
  }
  if (action?.instead !== undefined) {
    throw new BuildError(
      `Module ${module} cannot be run: Ansible does this on its controller`,
      { hint: action.instead },
    );
  }
  if (action === undefined && located?.hasAction) {
    throw new BuildError(
      `Module ${module} cannot be run: Ansible runs an action plugin of that name on its controller, and the module as a part of it`,
      { hint: await forceHint(module, fleet) },
    );
  }
  return undefined;
}

/** Advice for a module that is more than the documentation of its action. */
async function forceHint(
  module: string,
  fleet: HostFleet,
): Promise<string | undefined> {
  try {
    await fleet.prepare(module);
    return "Run the module itself with `moduleOnly`";
  } catch {
    return undefined; // there is nothing to run
  }
}

/** What a name means where no ansible-core is at hand. */
function builtinName(module: string): string | undefined {
  const [, name] = /^(?:ansible\.(?:builtin|legacy)\.)?(\w+)$/.exec(module) ??
    [];
  return name && `ansible.builtin.${name}`;
}
