// Follows a run that another process started: its events from the start, and as they
// come, until every host has a result or its sender has ended it.
import { NEVER } from "../../../async/abort.ts";
import { pause } from "../../../async/deadline.ts";
import { FtlError } from "../../../errors.ts";
import type { RunEvent } from "../../call/run_event.ts";
import { FollowedLimit } from "./followed_limit.ts";
import { FollowedQueue } from "./followed_queue.ts";
import { FollowedSender } from "./followed_sender.ts";
import { FollowedRun } from "./followed_run.ts";
import { NatsBodies } from "../server/nats_bodies.ts";
import { NatsFiles } from "../server/nats_files.ts";
import type { NatsLink } from "../server/nats_link.ts";
import { SUBJECTS } from "../server/nats_subjects.ts";
import { nextMessage } from "../server/next_message.ts";
import { queuedCalls } from "../server/queued_calls.ts";
import { readRun } from "../server/run_messages.ts";
import type { KnownWorkers } from "../trust/known_workers.ts";
import { readerPacking } from "../trust/run_packing.ts";

/**
 * The events of a run, from its start.
 *
 * @throws {FtlError} when there is no such run, or its events are sealed for another
 *   user; when a worker refuses calls of a sender it does not know.
 */
export async function* followRun(
  link: NatsLink,
  { run, signal, known }: {
    run: string;
    signal: AbortSignal;
    /** The workers whose keys are pinned. Default: all workers are believed. */
    known?: KnownWorkers | undefined;
  },
): AsyncGenerator<RunEvent, void, void> {
  if (!/^[\w-]{1,100}$/.test(run)) {
    throw new FtlError(
      `Cannot follow ${JSON.stringify(run)}: it is not the id of a run`,
    );
  }
  const subject = SUBJECTS.event(run, "start", 0);
  const start = await nextMessage(link, subject).catch(() => undefined);
  if (start === undefined) {
    throw new FtlError(`Cannot follow ${run}: ${link.shown} has no such run`, {
      hint: "Events are kept for 24 hours",
    });
  }
  const plain = new NatsBodies(link, new NatsFiles(link));
  const packing = await readerPacking(plain, {
    ...{ run, known },
    start: start.data,
  });
  const watch = new FollowedSender(link, run);
  const queue = new FollowedQueue();
  const messages = readRun(link, {
    run,
    signal: AbortSignal.any([signal, watch.gone, queue.gone]),
  });
  const followed = new FollowedRun(packing, () => isUnderWay(link, run));
  const limit = new FollowedLimit({ link, run, packing, followed });
  try {
    for await (const message of messages) {
      watch.hear();
      queue.hear();
      limit.hear();
      for (const event of await followed.take(message)) {
        yield event;
        if (event.event === "run_end") return;
      }
      if (followed.isDetached) {
        watch.close();
        queue.watch(link, run);
        limit.watch();
      }
      queue.wait();
    }
    for (const { gone, why } of [watch, queue]) {
      if (gone.aborted) yield* followed.abandon(why);
    }
  } finally {
    watch.close();
    queue.close();
    limit.close();
  }
}

/** How often the queue is looked at, and the pause in between. */
const LOOKS = 6;
const LOOK_MS = 500;

/**
 * Whether calls of a run are queued or made. A worker leaves the queue a moment after
 * its last report.
 */
async function isUnderWay(link: NatsLink, run: string): Promise<boolean> {
  for (let look = 1;; look++) {
    try {
      if ((await queuedCalls(link, run)).size === 0) return false;
    } catch {
      return true; // the server is away
    }
    if (look === LOOKS) return true;
    await pause(LOOK_MS, NEVER);
  }
}
