// Publishes messages so that the server has stored them. A lost answer, a server that
// is away and a full stream are waited for.
import { pause } from "../../../async/deadline.ts";
import { messageOf } from "../../../errors.ts";
import { natsError, type NatsLink } from "./nats_link.ts";

/** How long the server may take to confirm a message. */
const CONFIRM_MS = 5_000;
/** The longest pause between two attempts. */
const MAX_PAUSE_MS = 2_000;

/** How long something is tried. */
export interface PersistOptions {
  /** Ends the attempts. */
  readonly signal: AbortSignal;
  /** Called with the reason when it has to wait. */
  readonly onWait?: ((why: string) => void) | undefined;
}

/** A message that is stored. */
export interface StoredMessage extends PersistOptions {
  readonly subject: string;
  readonly payload: Uint8Array;
  /** The server takes one message with this id, however often it is sent. */
  readonly id: string;
}

/**
 * Publishes a message, and waits until the server has stored it.
 *
 * @throws the signal's reason, when it aborts first.
 * @throws {FtlError} when the connection was closed.
 */
export async function publishStored(
  link: NatsLink,
  { subject, payload, id, ...options }: StoredMessage,
): Promise<void> {
  await persist(link, options, () => store(link, { subject, payload, id }));
}

/**
 * Publishes a message once.
 *
 * @param after The last message that its subject may have, by its place in the stream;
 * 0 for none. Default: any.
 * @returns its place in the stream.
 * @throws {Error} when the server did not confirm it, or its subject has another last
 * message (`isTaken`).
 */
export async function store(
  { stream }: NatsLink,
  { subject, payload, id, after }: {
    subject: string;
    payload: Uint8Array;
    id: string;
    after?: number;
  },
): Promise<number> {
  const { seq } = await stream.publish(subject, payload, {
    msgID: id,
    timeout: CONFIRM_MS,
    ...after !== undefined && { expect: { lastSubjectSequence: after } },
  });
  return seq;
}

/**
 * Tries until it works.
 *
 * @throws the signal's reason, when it aborts first.
 * @throws {FtlError} when the connection was closed.
 */
export async function persist<T>(
  { connection, shown }: NatsLink,
  { signal, onWait }: PersistOptions,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let waitMs = 100;; waitMs = Math.min(waitMs * 2, MAX_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (connection.isClosed()) {
        throw natsError(`Cannot publish on ${shown}`, error);
      }
      onWait?.(messageOf(error));
    }
    await pause(waitMs, signal);
  }
}
