// Repairs the queue of a site. A server that was killed may have forgotten what it had
// given to workers: then it keeps calls that it gives to nobody, and holds others for
// workers that have done them, or that were taken back (seen with nats-server 2.9.10). A
// queue that is made again gives all calls that are stored, and workers know those that
// were made before.
import type { ConsumerInfo } from "@nats-io/jetstream";
import type { NatsLink } from "./nats_link.ts";
import { CALLS, SUBJECTS } from "./nats_subjects.ts";

/** Looks after the queue of one site. */
export class QueueRepair {
  readonly #link: NatsLink;
  readonly #queue: { readonly name: string; readonly site: string };
  /** How many calls it had given to workers when it was last found to be wrong. */
  #wrongAt: number | undefined;

  /** @param queue Its name, and its site. */
  constructor(link: NatsLink, queue: { name: string; site: string }) {
    this.#link = link;
    this.#queue = queue;
  }

  /**
   * Looks at the queue after a worker has waited for a call in vain. It is made again,
   * with its own settings, when it is wrong for the second time, and has given nothing
   * to anybody in between.
   *
   * @returns whether it was made again.
   * @throws {Error} when the server does not answer, or does not allow it.
   */
  async look(): Promise<boolean> {
    const { admin } = this.#link;
    const { name } = this.#queue;
    const info = await admin.consumers.info(CALLS, name);
    const before = this.#wrongAt;
    this.#wrongAt = await this.#isRight(info)
      ? undefined
      : info.delivered.consumer_seq;
    if (this.#wrongAt === undefined || this.#wrongAt !== before) return false;
    this.#wrongAt = undefined;
    await admin.consumers.delete(CALLS, name);
    await admin.consumers.add(CALLS, info.config);
    return true;
  }

  /** Whether each call that is stored waits for a worker, or is with one. */
  async #isRight(info: ConsumerInfo): Promise<boolean> {
    const { num_pending: waiting, num_ack_pending: held, config } = info;
    if (info.paused) return true;
    const mayGive = held < (config.max_ack_pending ?? Infinity);
    if (waiting > 0 && mayGive) return false;
    const { state } = await this.#link.admin.streams.info(CALLS, {
      subjects_filter: SUBJECTS.callsOf(this.#queue.site),
    });
    const stored = Object.values(state.subjects ?? {})
      .reduce((sum, count) => sum + count, 0);
    return stored === waiting + held;
  }
}
