// Reads single messages of the streams.
import type { MsgRequest } from "@nats-io/jetstream";
import type { NatsLink } from "./nats_link.ts";
import { CALLS, EVENTS, SUBJECTS } from "./nats_subjects.ts";

/** A message, and its place in the stream. */
export interface PlacedMessage {
  readonly seq: number;
  readonly data: Uint8Array;
}

/**
 * The next event of a subject; undefined when there is none.
 *
 * @param from Its least place in the stream. Default: the first one.
 * @throws {Error} when the server does not answer.
 */
export async function nextMessage(
  link: NatsLink,
  subject: string,
  from = 1,
): Promise<PlacedMessage | undefined> {
  return await nextIn(EVENTS, { link, subject, from });
}

/**
 * The first call that is stored for a site; undefined when there is none.
 *
 * @throws {Error} when the server does not answer.
 */
export async function firstCall(
  link: NatsLink,
  site: string,
): Promise<PlacedMessage | undefined> {
  return await nextIn(CALLS, {
    link,
    subject: SUBJECTS.callsOf(site),
    from: 1,
  });
}

async function nextIn(
  stream: string,
  { link, subject, from }: { link: NatsLink; subject: string; from: number },
): Promise<PlacedMessage | undefined> {
  // The server takes it since 2.9; the library's type has it for direct requests only.
  const query = { seq: from, next_by_subj: subject } as MsgRequest;
  return await link.admin.streams.getMessage(stream, query) ?? undefined;
}
