// A call in the background: the task starts the job, and then waits for it, unless
// it is left. Ansible's `async` and `poll`.
import { BuildError } from "../../errors.ts";
import { isObject } from "../../protocol/body.ts";
import type { Background, HostResult, ModuleCall } from "../call/call.ts";
import type { HostContext } from "../work/host_context.ts";
import type { Task } from "../work/task.ts";
import { isJobName } from "./job_id.ts";
import { askAboutJob, isRunning, waitForJob } from "./wait_for_job.ts";

/** How much longer than a job may run its end is waited for. */
const END_MS = 30_000;

/**
 * Plans the background call whose module `task` starts.
 *
 * @throws {BuildError} in check mode, and when its name is invalid.
 */
export function planJob(call: ModuleCall, task: Task): Promise<Task> {
  const { module, background, check } = call;
  if (check) {
    throw new BuildError(
      `Cannot run module ${module} in the background: check mode changes nothing, so there is nothing to wait for`,
      { hint: "Leave out `check` or `background`" },
    );
  }
  if (!/^j\d{1,18}$/.test(background!.id)) {
    throw new BuildError(
      `Cannot start the job ${background!.id}: its name is not j and digits`,
    );
  }
  const run = async (context: HostContext) => {
    const started = await task.run(context);
    const job = jobIn(started);
    if (job === undefined || background!.pollMs === 0) return started;
    return await follow(context, { job, background: background! });
  };
  return Promise.resolve({ ...task, run });
}

/** The name of the job that a result has started. */
function jobIn(started: HostResult): string | undefined {
  const { result } = started;
  if (!isRunning(started) || !isObject(result)) return undefined;
  const name = result.ansible_job_id;
  return isJobName(name) ? name : undefined;
}

async function follow(
  context: HostContext,
  { job, background }: { job: string; background: Background },
): Promise<HostResult> {
  const ended = await waitForJob(context, {
    job,
    isKnown: true,
    wasReached: true,
    pollMs: background.pollMs,
    limitMs: background.limitMs + END_MS,
  });
  if (ended.status !== "cancelled" && !isRunning(ended)) {
    // As Ansible does; a file that stays is removed by a later cleanup.
    await askAboutJob(context, { mode: "cleanup", jid: job }).catch(() => {});
  }
  return ended;
}
