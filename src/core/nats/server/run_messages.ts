// Reads what the stream of events has about one run, from its start and as it
// comes. A connection that was lost and a server that was started again are waited
// for: the reading goes on after the last message that was read.
import { pause } from "../../../async/deadline.ts";
import { onAbort } from "../../../async/abort.ts";
import type { NatsLink } from "./nats_link.ts";
import {
  type EventKind,
  EVENTS,
  readEventSubject,
  SUBJECTS,
} from "./nats_subjects.ts";

/** How long the server may be silent until its state is asked for. */
const IDLE_MS = 2_000;
const RETRY_MS = 300;

/** One message about a run. */
export interface RunMessage {
  readonly kind: EventKind;
  readonly index: number;
  /** When the server stored it, in ms since 1970 by its clock. */
  readonly time: number;
  readonly data: Uint8Array;
}

/** The messages about a run, in the order of the stream, until the signal. */
export async function* readRun(
  link: NatsLink,
  { run, signal }: { run: string; signal: AbortSignal },
): AsyncGenerator<RunMessage, void, void> {
  let last = 0;
  while (!signal.aborted) {
    try {
      const consumer = await link.stream.consumers.get(EVENTS, {
        filter_subjects: SUBJECTS.events(run),
        opt_start_seq: last + 1,
      });
      const messages = await consumer.consume({
        max_messages: 200,
        expires: IDLE_MS * 2,
        idle_heartbeat: IDLE_MS,
      });
      const stop = onAbort(signal, () => messages.stop());
      const unwatch = onReconnect(link, () => messages.stop());
      try {
        if (signal.aborted) return;
        for await (const message of messages) {
          last = message.seq;
          yield {
            ...readEventSubject(message.subject),
            time: message.info.timestampNanos / 1e6,
            data: message.data,
          };
        }
      } finally {
        stop();
        unwatch();
        messages.stop();
        await consumer.delete().catch(() => {}); // the server removes it later
      }
    } catch {
      // The server is away, or not ready yet: the next attempt may tell.
      if (link.connection.isClosed()) return;
    }
    await pause(RETRY_MS, signal).catch(() => {}); // the loop looks at the signal
  }
}

/** Calls back after each reconnection; returns a function to stop. */
function onReconnect({ connection }: NatsLink, callback: () => void) {
  let isOver = false;
  const statuses = connection.status();
  void (async () => {
    for await (const { type } of statuses) {
      if (isOver) return;
      if (type === "reconnect") callback();
    }
  })();
  return () => {
    isOver = true;
    (statuses as { stop?: () => void }).stop?.();
  };
}
