// Asks which workers are there.
import { natsError, type NatsLink } from "../server/nats_link.ts";
import { SUBJECTS } from "../server/nats_subjects.ts";
import { readStatus } from "../messages/received_note.ts";
import type { WorkerStatus } from "../messages/sent_call.ts";

/** The most workers that are listed, and the most of one run. */
export const MAX_RUN_WORKERS = 10_000;
/** How long workers may take to answer. */
const ANSWER_MS = 2_000;
/** The wait after the last answer. */
const QUIET_MS = 300;

/**
 * The workers that answer, by site and name.
 *
 * @throws {FtlError} when the server does not answer, or does not allow to ask.
 */
export async function listWorkers(link: NatsLink): Promise<WorkerStatus[]> {
  const workers: WorkerStatus[] = [];
  try {
    const answers = await link.connection.requestMany(SUBJECTS.workers, "", {
      strategy: "stall",
      maxWait: ANSWER_MS,
      stall: QUIET_MS,
    });
    for await (const { data } of answers) {
      const status = statusIn(data);
      if (status !== undefined) workers.push(status);
      if (workers.length >= MAX_RUN_WORKERS) break;
    }
  } catch (error) {
    if ((error as Error).name !== "NoResponders") {
      throw natsError(`Cannot ask for workers on ${link.shown}`, error);
    }
  }
  const key = ({ site, worker, id }: WorkerStatus) =>
    `${site ?? ""} ${worker} ${id}`;
  return workers.sort((a, b) => key(a) < key(b) ? -1 : 1);
}

/** A worker's answer; undefined when it cannot be read, as anybody may answer. */
function statusIn(answer: Uint8Array): WorkerStatus | undefined {
  try {
    return readStatus(answer);
  } catch {
    return undefined;
  }
}
