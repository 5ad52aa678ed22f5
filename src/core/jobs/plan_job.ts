// A call in the background: the task starts the job, and then waits for it, unless
// it is left. Ansible's `async` and `poll`.
import { BuildError, ConnectError } from "../../errors.ts";
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
  const { id, pollMs } = background!;
  const run = async (context: HostContext) => {
    const started = await task.run(context)
      .catch((error) => startedAnyway(error, { context, id }));
    const job = jobIn(started);
    if (job === undefined || pollMs === 0) return started;
    return await follow(context, { job, background: background! });
  };
  return Promise.resolve({ ...task, run });
}

/**
 * What the host says of a job whose start it could not confirm, because the
 * connection was lost.
 *
 * @throws the error, unless the host has the job.
 */
async function startedAnyway(
  error: unknown,
  { context, id }: { context: HostContext; id: string },
): Promise<HostResult> {
  const mayHaveStarted = error instanceof ConnectError &&
    error.phase === "call";
  if (!mayHaveStarted || context.signal.aborted) throw error;
  await context.release();
  const asked = { mode: "status", jid: id, known: false, own: true };
  const found = await askAboutJob(context, asked).catch(() => {
    throw error; // it says more than that the host cannot be asked
  });
  if (jobIn(found) === undefined) throw error;
  return isRunning(found)
    ? { ...found, status: "changed", changed: true }
    : found;
}

/** The name of the job that a result is about. */
function jobIn({ result }: HostResult): string | undefined {
  const name = isObject(result) ? result.ansible_job_id : undefined;
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
