// Opens the queues of a worker. A server that has just started may not answer yet.
import { pause } from "../../../async/deadline.ts";
import { messageOf } from "../../../errors.ts";
import { isUnanswered, type NatsLink } from "./nats_link.ts";
import { makeQueue, makeStreams, type SiteQueue } from "./nats_subjects.ts";
import type { PersistOptions } from "./publish_stored.ts";

const RETRY_MS = 1_000;

/**
 * The queues of some sites, which are made where they are missing.
 *
 * @throws the signal's reason, when it aborts first.
 * @throws {FtlError} when that is not allowed, or there is no room for them.
 */
export async function openQueues(
  link: NatsLink,
  sites: readonly string[],
  { signal, onWait }: PersistOptions,
): Promise<SiteQueue[]> {
  for (;; await pause(RETRY_MS, signal)) {
    try {
      await makeStreams(link);
      return await Promise.all(sites.map((each) => makeQueue(link, each)));
    } catch (error) {
      if (!isUnanswered((error as Error).cause ?? error)) throw error;
      onWait?.(messageOf(error));
    }
  }
}
