// A call of a line with the settings of the session.
import type { Background, Call } from "../../core/call/call.ts";
import { newJobId } from "../../core/jobs/job_id.ts";
import type { Settings } from "../lines/session.ts";

/** The call as it is made: what it sets itself wins over the session. */
export function settledCall(call: Call, settings: Settings): Call {
  const { check, diff, stream, timeoutMs } = settings;
  return {
    check: check ?? false,
    diff: diff ?? false,
    stream: stream ?? false,
    ...(timeoutMs && { timeoutMs }),
    ...call,
    ...backgroundOf(call, settings),
  };
}

/** What makes a call a job, as `:background` asks; the job is left running. */
function backgroundOf(
  call: Call,
  { backgroundMs: limitMs }: Settings,
): { background?: Background } {
  if (limitMs === undefined || !("module" in call)) return {};
  if (call.module === "async_status") return {};
  return { background: { id: newJobId(), limitMs, pollMs: 0 } };
}
