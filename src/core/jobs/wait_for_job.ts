// Waits for a job on its host. The host answers as soon as the job has ended, so
// that an interval only bounds how long one question is open. A lost connection
// ends no job: a host that has answered before is asked again.
import { pause } from "../../async/deadline.ts";
import { ConnectError, GateError } from "../../errors.ts";
import { isObject } from "../../protocol/body.ts";
import type { JsonObject } from "../../protocol/message.ts";
import type { HostResult } from "../call/call.ts";
import { judgeCancelled } from "../result/host_result.ts";
import type { HostContext } from "../work/host_context.ts";
import { jobFolder, jobModule } from "../work/job_module.ts";

/** The longest that one question is open: a gate that is lost is noticed then. */
const MOST_OPEN_MS = 30_000;
/** How much longer than it may wait the host has for an answer. */
const ANSWER_MS = 30_000;
/** A host that answers sooner, and that the job runs, is asked again after this. */
const LEAST_MS = 1_000;
/** The pause after a lost connection. */
const RETRY_MS = 5_000;

/** How to wait. */
export interface WaitOptions {
  /** The job's name on this host, or the part before its dot. */
  readonly job: string;
  /** Whether the host should have it. */
  readonly isKnown: boolean;
  /** Whether the host was reached before. Default: false. */
  readonly wasReached?: boolean;
  /** How often to ask, in ms. */
  readonly pollMs: number;
  /** How long to wait in all, in ms; then the answer is that it still runs. */
  readonly limitMs: number;
}

/**
 * Asks about a job until it has ended, and resolves to what the host said last. A
 * wait that is cancelled does not affect the job, and its result says so.
 *
 * @throws {ConnectError} when the host could not be reached at all, or not again
 * until the limit.
 */
export async function waitForJob(
  context: HostContext,
  options: WaitOptions,
): Promise<HostResult> {
  const leave = () =>
    judgeCancelled(
      context.callContext,
      options.isKnown
        ? `The job ${options.job} goes on: nothing waits for it any more`
        : `Nothing waits for the job ${options.job} any more`,
    );
  try {
    const ended = await askUntilEnded(context, options);
    return ended.status === "cancelled" ? leave() : ended;
  } catch (error) {
    if (context.signal.aborted) return leave();
    throw error;
  }
}

async function askUntilEnded(
  context: HostContext,
  { job, isKnown, wasReached = false, pollMs, limitMs }: WaitOptions,
): Promise<HostResult> {
  const end = performance.now() + limitMs;
  let mayReturn = wasReached;
  for (;;) {
    const leftMs = end - performance.now();
    const openMs = Math.max(0, Math.min(pollMs, leftMs, MOST_OPEN_MS));
    const mayAskAt = performance.now() + Math.min(openMs, LEAST_MS);
    try {
      const args = { mode: "wait", jid: job, seconds: openMs / 1000 };
      const result = await askAboutJob(context, { ...args, known: isKnown });
      mayReturn = true;
      if (!isRunning(result) || leftMs <= 0) return result;
      const earlyMs = mayAskAt - performance.now();
      if (earlyMs > 0) await pause(earlyMs, context.signal);
    } catch (error) {
      const isLost = error instanceof ConnectError ||
        error instanceof GateError;
      if (!isLost || !mayReturn || leftMs <= 0) throw error;
      await context.release();
      await pause(Math.min(RETRY_MS, leftMs), context.signal);
    }
  }
}

/** Runs the module of jobs on the host. */
export async function askAboutJob(
  context: HostContext,
  args: JsonObject & { seconds?: number },
): Promise<HostResult> {
  const module = await jobModule();
  const folder = await jobFolder(context.host);
  const timeoutMs = (args.seconds ?? 0) * 1000 + ANSWER_MS;
  return await context.use((host) =>
    host.module(module, { ...args, folder }, { timeoutMs })
  );
}

/** Whether a host says that the job runs. */
export function isRunning({ result }: HostResult): boolean {
  return isObject(result) && result.finished === 0;
}
