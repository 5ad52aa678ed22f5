// Plans what a call comes to, before any host is contacted: a shell command,
// files that are pushed or fetched, a module, or the action in a module's place.
import type { Call } from "../call/call.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { judgeSkipped } from "../result/host_result.ts";
import type { Task } from "../work/task.ts";

/**
 * Plans a call.
 *
 * @throws {BuildError} when its module cannot be found, packed or run.
 */
export async function planTask(call: Call, fleet: Fleet): Promise<Task> {
  if (call.transfer === "push") {
    return await (await import("../push/push.ts")).planPush(call);
  }
  if (call.transfer === "fetch") {
    return await (await import("../fetch/fetch_files.ts")).planFetch(call);
  }
  if (call.module === null) return planShell(call);
  if (!call.native && !call.moduleOnly) {
    const { planAction } = await import("../actions/plan_action.ts");
    const action = await planAction(call.module, { call, fleet });
    if (action !== undefined) return action;
  }
  const prepared = await fleet.prepare(call.module, { native: call.native });
  return {
    secrets: prepared.secrets,
    warnings: prepared.warnings,
    run: (turn) => turn.use((host) => host.module(prepared, turn.args)),
  };
}

function planShell({ command = [] }: Call): Task {
  return {
    secrets: [],
    warnings: [],
    run: (turn) =>
      turn.call.check
        ? Promise.resolve(
          judgeSkipped(turn.about, "A shell command has no check mode"),
        )
        : turn.use((host) => host.shell(command.join(" "))),
  };
}
