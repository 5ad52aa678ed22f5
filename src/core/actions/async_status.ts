// async_status: asks hosts about their jobs, those of ftl and those of Ansible. It
// has more modes than Ansible's: list, wait and cancel.
import { BuildError } from "../../errors.ts";
import { LONGEST_DURATION_MS } from "../input/duration.ts";
import { isJobOrName } from "../jobs/job_id.ts";
import { askAboutJob, isRunning, waitForJob } from "../jobs/wait_for_job.ts";
import { judgeOverdue, judgeSkipped } from "../result/host_result.ts";
import { isObject } from "../../protocol/body.ts";
import type { Plan } from "../work/task.ts";
import { isYes, textOf } from "./action_result.ts";

const MODES: readonly string[] = [
  "status",
  "list",
  "wait",
  "cancel",
  "cleanup",
];
/** How often a host is asked while a job is waited for. */
const POLL_MS = 30_000;

/**
 * Plans a call of async_status. `names` has the whole names that a job is known to
 * have, by hosts: where hosts share a folder, the part before the dot is that of
 * several jobs.
 */
export const planAsyncStatus: Plan = ({ args = {} }) => {
  const mode = textOf(args.mode) ?? "status";
  const job = textOf(args.jid) ?? "";
  if (!MODES.includes(mode)) {
    throw new BuildError(`Cannot use the mode ${mode} of async_status`, {
      hint: `Use ${MODES.join(", ")}`,
    });
  }
  if (mode !== "list" && !isJobOrName(job)) {
    throw new BuildError(
      job === ""
        ? "Cannot ask about a job: none is named"
        : `Cannot ask about the job ${job}: it is not j and digits`,
      { hint: "List the jobs of hosts with mode=list" },
    );
  }
  const seconds = args.seconds === undefined
    ? LONGEST_DURATION_MS / 1000
    : Number(args.seconds);
  if (!(seconds >= 0 && seconds * 1000 <= LONGEST_DURATION_MS)) {
    throw new BuildError(`Cannot wait for ${args.seconds} s`, {
      hint: "Use a number of seconds up to a year",
    });
  }
  const isKnown = isYes(args.known, true);
  const names = isObject(args.names) ? args.names : {};
  return Promise.resolve({
    secrets: [],
    warnings: [],
    run: async (context) => {
      const own = textOf(names[context.host.name]) ?? job;
      if (context.call.check && !["status", "list", "wait"].includes(mode)) {
        return judgeSkipped(context.callContext, `${mode} changes the host`);
      }
      if (mode !== "wait") {
        return await askAboutJob(context, { mode, jid: own, known: isKnown });
      }
      const limitMs = seconds * 1000;
      const waiting = { job: own, isKnown, pollMs: POLL_MS, limitMs };
      const answer = await waitForJob(context, waiting);
      return isRunning(answer)
        ? judgeOverdue(
          context.callContext,
          `The job ${job} still runs after ${seconds} s`,
          "Wait again: waiting does not affect the job",
        )
        : answer;
    },
  });
};
