// Plans the task of a call before any host is contacted: a shell command, a
// push, a fetch, a module, or the action that replaces a module.
import type { Call, ModuleCall, ShellCall } from "../call/call.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import { judgeSkipped } from "../result/host_result.ts";
import type { Task } from "../work/task.ts";

/**
 * Plans the task of a call.
 *
 * @throws {BuildError} when its module cannot be found, packed or run.
 */
export async function planTask(call: Call, fleet: HostFleet): Promise<Task> {
  if ("module" in call) return await planModule(call, fleet);
  if ("push" in call) {
    return await (await import("../push/push.ts")).planPush(call.push);
  }
  if ("fetch" in call) {
    const { planFetch } = await import("../fetch/fetch_files.ts");
    return await planFetch(call.fetch, call);
  }
  return planShell(call);
}

async function planModule(call: ModuleCall, fleet: HostFleet): Promise<Task> {
  if (!call.native && !call.moduleOnly) {
    const { planAction } = await import("../actions/plan_action.ts");
    const action = await planAction(call, fleet);
    if (action !== undefined) return action;
  }
  const prepared = await fleet.prepare(call.module, { native: call.native });
  return {
    secrets: prepared.secrets,
    unmasked: prepared.unmasked,
    warnings: prepared.warnings,
    run: (context) =>
      context.use((host) => host.module(prepared, context.args)),
  };
}

function planShell({ command, check }: ShellCall): Task {
  return {
    secrets: [],
    warnings: [],
    run: (context) =>
      check
        ? Promise.resolve(
          judgeSkipped(
            context.callContext,
            "A shell command has no check mode",
          ),
        )
        : context.use((host) => host.shell(command.join(" "))),
  };
}
