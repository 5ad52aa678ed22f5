// Follows a run that another process started: its events from the start, and as they
// come, until every host has a result or its sender has ended it.
import { FtlError } from "../../../errors.ts";
import type { RunEvent } from "../../call/run_event.ts";
import { FollowedSender } from "./followed_sender.ts";
import { FollowedRun } from "./followed_run.ts";
import { NatsBodies } from "../server/nats_bodies.ts";
import { NatsFiles } from "../server/nats_files.ts";
import type { NatsLink } from "../server/nats_link.ts";
import { SUBJECTS } from "../server/nats_subjects.ts";
import { idOf } from "../server/publish_once.ts";
import { readRun } from "../server/run_messages.ts";
import { senderPacking } from "../trust/run_packing.ts";
import { openRunReceiver } from "../trust/run_receivers.ts";
import { isSealedEvent } from "../trust/sealed_events.ts";

/**
 * The events of a run, from its start.
 *
 * @throws {FtlError} when there is no such run, or its events are sealed for another
 *   user; when a worker refuses calls of a sender it does not know.
 */
export async function* followRun(
  link: NatsLink,
  { run, signal }: { run: string; signal: AbortSignal },
): AsyncGenerator<RunEvent, void, void> {
  if (!/^[\w-]{1,100}$/.test(run)) {
    throw new FtlError(
      `Cannot follow ${JSON.stringify(run)}: it is not the id of a run`,
    );
  }
  const subject = SUBJECTS.event(run, "start", 0);
  if (await idOf(link, subject).catch(() => undefined) === undefined) {
    throw new FtlError(`Cannot follow ${run}: ${link.shown} has no such run`, {
      hint: "Events are kept for 24 hours",
    });
  }
  const plain = new NatsBodies(link, new NatsFiles(link));
  const packing = async () =>
    await senderPacking(plain, { run, receiver: await openRunReceiver(run) });
  let opening: ReturnType<typeof packing> | undefined;
  const watch = new FollowedSender(link, run);
  const messages = readRun(link, {
    run,
    signal: AbortSignal.any([signal, watch.gone]),
    unpack: async (_kind, message) => {
      const body = await plain.unpack(message);
      if (!isSealedEvent(body)) return body;
      return await (await (opening ??= packing())).unpack(message);
    },
  });
  const followed = new FollowedRun();
  try {
    for await (const message of messages) {
      watch.hear();
      for (const event of await followed.take(message)) {
        yield event;
        if (event.event === "run_end") return;
      }
      if (followed.isDetached) watch.close();
    }
    if (watch.gone.aborted) yield* followed.abandon(watch.why);
  } finally {
    watch.close();
  }
}
