// Plans what a call comes to, before any host is contacted: a shell command,
// files that are pushed or fetched, a module, or the action in a module's place.
import type { Call } from "./call.ts";
import type { Fleet } from "./fleet.ts";
import { judgeSkipped } from "./outcome/result.ts";
import type { Work } from "./work.ts";

/**
 * Plans a call.
 *
 * @throws {BuildError} when its module cannot be found, packed or run.
 */
export async function planWork(call: Call, fleet: Fleet): Promise<Work> {
  if (call.transfer === "push") {
    return await (await import("./files/push.ts")).planPush(call);
  }
  if (call.transfer === "fetch") {
    return await (await import("./files/fetch.ts")).planFetch(call);
  }
  if (call.module === null) return planShell(call);
  if (!call.native && !call.moduleOnly) {
    const { planAction } = await import("./actions/plan.ts");
    const action = await planAction(call.module, { call, fleet });
    if (action !== undefined) return action;
  }
  const prepared = await fleet.prepare(call.module, { native: call.native });
  return {
    secrets: prepared.secrets,
    unmasked: prepared.unmasked,
    warnings: prepared.warnings,
    run: (turn) => turn.use((host) => host.module(prepared, turn.args)),
  };
}

function planShell({ command = [] }: Call): Work {
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
