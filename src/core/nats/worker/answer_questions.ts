// What a worker answers to anybody who asks over NATS: that it is there, and whether it
// still runs a host.
import type { NatsConnection } from "@nats-io/transport-node";
import { askedHost } from "../messages/open_chunk.ts";
import type { WorkerStatus } from "../messages/sent_call.ts";
import { encodeNats } from "../server/encode_nats.ts";
import { SUBJECTS } from "../server/nats_subjects.ts";

/** The worker that answers. */
export interface AnsweringWorker {
  /** The id of its process. */
  readonly id: string;
  readonly status: () => WorkerStatus;
  /** Whether it runs a host of a run. */
  readonly runs: (host: ReturnType<typeof askedHost>) => boolean;
}

/** Answers until the function that it returns is called. */
export function answerQuestions(
  connection: NatsConnection,
  { id, status, runs }: AnsweringWorker,
): () => void {
  const answer = (subject: string, told: (data: Uint8Array) => unknown) =>
    connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) message.respond(encodeNats(told(message.data)));
      },
    });
  const subscriptions = [
    answer(SUBJECTS.workers, status),
    answer(SUBJECTS.worker(id), (data) => ({ runs: runs(askedHost(data)) })),
  ];
  return () => subscriptions.forEach((each) => each.unsubscribe());
}
