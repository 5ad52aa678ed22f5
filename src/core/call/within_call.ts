// Applies a call's deadline to the parts of it that no gate times. Every
// wait on the host in such a part must obey the signal that the part gets.
import { Deadline } from "../../async/deadline.ts";
import { OverdueError } from "../../errors.ts";

/** The limits of a part of a call. */
export interface CallBounds {
  /** Cancels the call. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** The state at the deadline, for the error: `The file was not on the host`. */
  readonly state: string;
  /** Default: the hint of `judgeOverdue()`. */
  readonly hint?: string;
}

/**
 * Runs a part of a call under the call's deadline.
 *
 * @throws {OverdueError} when the deadline passes first.
 * @throws the signal's reason, when it aborts first.
 */
export async function withinCall<T>(
  { signal, timeoutMs, state, hint }: CallBounds,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new Deadline(signal);
  const message = `${state} by the deadline of ${timeoutMs / 1000} s`;
  deadline.set(timeoutMs, () => new OverdueError(message, { hint }));
  try {
    return await work(deadline.signal);
  } catch (error) {
    // Interrupted work fails in many ways; the reason is the useful one.
    throw deadline.signal.aborted ? deadline.signal.reason : error;
  } finally {
    deadline.clear();
  }
}
