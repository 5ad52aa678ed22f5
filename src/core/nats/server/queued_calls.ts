// Which calls of a run are in the queue: waiting, or with a worker that has not done
// them yet.
import type { NatsLink } from "./nats_link.ts";
import { CALLS, SUBJECTS } from "./nats_subjects.ts";

/**
 * The subjects of the calls of a run that are in the queue.
 *
 * @throws {Error} when the server does not answer.
 */
export async function queuedCalls(
  { admin }: NatsLink,
  run: string,
): Promise<Set<string>> {
  const { state } = await admin.streams.info(CALLS, {
    subjects_filter: SUBJECTS.allCallsOf(run),
  });
  return new Set(Object.keys(state.subjects ?? {}));
}
