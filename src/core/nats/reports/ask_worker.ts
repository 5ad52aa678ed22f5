// Asks another worker whether it still runs a host that it has begun.
import { pause } from "../../../async/deadline.ts";
import { encodeNats } from "../server/encode_nats.ts";
import type { NatsLink } from "../server/nats_link.ts";
import { SUBJECTS } from "../server/nats_subjects.ts";
import { MessageMembers } from "../messages/message_members.ts";

/** How long another worker may take to say that it still runs a host. */
const ANSWER_MS = 2_000;
/** How often it is asked before it counts as gone: it may be busy. */
const MOST_ASKED = 3;
/** The pause before it is asked again. */
const ASK_AGAIN_MS = 1_000;

/**
 * Whether a worker runs a host of a run; false when it does not answer.
 *
 * @param worker The id of its process, as others have written it.
 * @throws the signal's reason, when it aborts first.
 */
export async function runsElsewhere(
  { connection }: NatsLink,
  { worker, run, index, signal }: {
    worker: string;
    run: string;
    index: number;
    signal: AbortSignal;
  },
): Promise<boolean> {
  if (!/^[\w-]+$/.test(worker)) return false;
  for (let asked = 1;; asked++) {
    try {
      const answer = await connection.request(
        SUBJECTS.worker(worker),
        encodeNats({ run, index }),
        { timeout: ANSWER_MS },
      );
      return MessageMembers.parse(answer.data).flag("runs");
    } catch {
      if (asked === MOST_ASKED) return false; // it does not answer
    }
    await pause(ASK_AGAIN_MS, signal);
  }
}
