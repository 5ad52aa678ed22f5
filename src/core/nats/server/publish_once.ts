// Publishes a message that must be the first and only one of its subject. The server
// decides, also between workers that do not know of each other. A lost answer, a
// server that is away and a full stream are waited for.
import { pause } from "../../../async/deadline.ts";
import { messageOf } from "../../../errors.ts";
import { isTaken, natsError, type NatsLink } from "./nats_link.ts";
import { EVENTS } from "./nats_subjects.ts";

/** How long the server may take to confirm a message. */
const CONFIRM_MS = 5_000;
/** The longest pause between two attempts. */
const MAX_PAUSE_MS = 2_000;

/** A message of which there is only one. */
export interface OnlyMessage {
  readonly subject: string;
  readonly payload: Uint8Array;
  /** Tells this message from one of another process with the same subject. */
  readonly id: string;
  /** Ends the attempts. */
  readonly signal: AbortSignal;
  /** Called with the reason when it has to wait. */
  readonly onWait?: ((why: string) => void) | undefined;
}

/**
 * Publishes a message unless its subject has one of another process; resolves to
 * whether it is there.
 *
 * @throws the signal's reason, when it aborts first.
 * @throws {FtlError} when the connection was closed.
 */
export async function publishOnce(
  link: NatsLink,
  { subject, payload, id, signal, onWait }: OnlyMessage,
): Promise<boolean> {
  return await persist(link, { signal, onWait }, async () => {
    try {
      await link.stream.publish(subject, payload, {
        msgID: id,
        expect: { lastSubjectSequence: 0 },
        timeout: CONFIRM_MS,
      });
      return true;
    } catch (error) {
      if (!isTaken(error)) throw error;
      // The message of an earlier attempt is not a second one.
      return await idOf(link, subject) === id;
    }
  });
}

/** Publishes a message, and waits until the server has stored it. */
export async function publishStored(
  link: NatsLink,
  { subject, payload, id, signal, onWait }: OnlyMessage,
): Promise<void> {
  await persist(link, { signal, onWait }, async () => {
    const timeout = CONFIRM_MS;
    await link.stream.publish(subject, payload, { msgID: id, timeout });
  });
}

async function persist<T>(
  { connection, shown }: NatsLink,
  { signal, onWait }: Pick<OnlyMessage, "signal" | "onWait">,
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

/** The id of the message that a subject has; undefined when it has none. */
export async function idOf(
  { admin }: NatsLink,
  subject: string,
): Promise<string | undefined> {
  const found = await admin.streams.getMessage(EVENTS, {
    last_by_subj: subject,
  });
  return found?.header.get("Nats-Msg-Id");
}
