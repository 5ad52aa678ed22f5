// Tries something on a host that may be down, within a time limit.
import { ConnectError, GateError } from "../../errors.ts";
import { Deadline, within } from "../../async/deadline.ts";
import type { HostContext, OpenHost } from "../work/host_context.ts";
import { faultOfStep } from "./action_result.ts";

/** What came of it: a value, or why the host could not be used. */
export type Attempt<T> = { readonly value: T } | { readonly fault: string };

/**
 * Runs `work` on a host; after `ms` its connection is closed, which ends the work.
 *
 * @throws {unknown} what the work throws besides connections that fail.
 */
export async function tryOnce<T>(
  context: HostContext,
  ms: number,
  work: (host: OpenHost) => Promise<T>,
): Promise<Attempt<T>> {
  const done = context.use(work);
  done.catch(() => {}); // awaited below, unless the run is cancelled first
  const deadline = new Deadline(context.signal);
  const inTime = within(done.then(() => true), { ms, instead: false });
  try {
    await deadline.race(inTime) || await deadline.race(context.release());
    return { value: await deadline.race(done) };
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof ConnectError || error instanceof GateError) {
      return { fault: error.message };
    }
    const fault = faultOfStep(error);
    if (fault !== undefined) return { fault };
    throw error;
  } finally {
    deadline.clear();
  }
}
