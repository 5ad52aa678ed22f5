// Publishes messages so that the server has stored them. A lost answer, a server that
// is away and a full stream are waited for.
import { pause } from "../../../async/deadline.ts";
import { messageOf } from "../../../errors.ts";
import { natsError, type NatsLink } from "./nats_link.ts";
import { refusalIn } from "./nats_refusals.ts";

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
}

/**
 * Publishes a message, and waits until the server has stored it. The server takes it
 * once, however often it is sent: it has an id that nobody else can use before.
 *
 * @throws the signal's reason, when it aborts first.
 * @throws {FtlError} when the connection was closed, or the server does not allow it.
 */
export async function publishStored(
  link: NatsLink,
  { subject, payload, ...options }: StoredMessage,
): Promise<void> {
  const id = crypto.randomUUID();
  await persist(link, options, () => store(link, { subject, payload, id }));
}

/**
 * Publishes a message once.
 *
 * @param message `id`: the server confirms another message that had it as if it were
 * this one. `after`: the last message that its subject may have, by its place in the
 * stream; 0 for none. Default: any.
 * @returns its place in the stream.
 * @throws {Error} when the server did not confirm it, or its subject has another last
 * message (`isTaken`).
 */
export async function store(
  { stream }: NatsLink,
  { subject, payload, id, after }: {
    subject: string;
    payload: Uint8Array;
    id?: string;
    after?: number;
  },
): Promise<number> {
  const { seq } = await stream.publish(subject, payload, {
    timeout: CONFIRM_MS,
    ...id !== undefined && { msgID: id },
    ...after !== undefined && { expect: { lastSubjectSequence: after } },
  });
  return seq;
}

/**
 * Tries until it works.
 *
 * @throws the signal's reason, when it aborts first.
 * @throws {FtlError} when the connection was closed, or the server does not allow it.
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
      if (connection.isClosed() || refusalIn(error) !== undefined) {
        throw natsError(`Cannot publish on ${shown}`, error);
      }
      onWait?.(messageOf(error));
    }
    await pause(waitMs, signal);
  }
}
