// The deadline of a call, over parts of it that no gate keeps time for. Every
// wait on the host in such a part ends with the signal that it is given.
import { Deadline } from "../../async/deadline.ts";
import { OverdueError } from "../../errors.ts";

/** The bounds of a part of a call. */
export interface CallBounds {
  /** Cancels the call. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** What is not so by the deadline: `The file was not on the host`. */
  readonly state: string;
  /** Default: that the call may still be running. */
  readonly hint?: string;
}

/**
 * Does a part of a call until the call's deadline.
 *
 * @throws {OverdueError} when the deadline came first.
 * @throws the signal's reason, when it aborted first.
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
    // What was given up says in many ways that it has ended.
    throw deadline.signal.aborted ? deadline.signal.reason : error;
  } finally {
    deadline.clear();
  }
}
