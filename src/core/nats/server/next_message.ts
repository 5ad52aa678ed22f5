// Reads single messages of the stream of events.
import type { MsgRequest } from "@nats-io/jetstream";
import type { NatsLink } from "./nats_link.ts";
import { EVENTS } from "./nats_subjects.ts";

/** A message, and its place in the stream. */
export interface PlacedMessage {
  readonly seq: number;
  readonly data: Uint8Array;
}

/**
 * The next message of a subject; undefined when there is none.
 *
 * @param from Its least place in the stream. Default: the first one.
 * @throws {Error} when the server does not answer.
 */
export async function nextMessage(
  { admin }: NatsLink,
  subject: string,
  from = 1,
): Promise<PlacedMessage | undefined> {
  // The server takes it since 2.9; the library's type has it for direct requests only.
  const query = { seq: from, next_by_subj: subject } as MsgRequest;
  return await admin.streams.getMessage(EVENTS, query) ?? undefined;
}
