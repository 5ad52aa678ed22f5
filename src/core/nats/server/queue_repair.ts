// Repairs the queue of a site. A server that was killed may have forgotten what it had
// given to workers: then it keeps calls that it gives to nobody, and holds others for
// workers that have done them, or that were taken back (seen with nats-server 2.9.10). A
// queue that is made again gives all calls that are stored, and workers know those that
// were made before.
import type { ConsumerInfo } from "@nats-io/jetstream";
import type { NatsLink } from "./nats_link.ts";
import { CALLS, SUBJECTS } from "./nats_subjects.ts";
import { firstCall } from "./next_message.ts";

/** The pause between two looks. */
const LOOK_MS = 20_000;

/** Looks after the queue of one site. */
export class QueueRepair {
  readonly #link: NatsLink;
  readonly #queue: { readonly name: string; readonly site: string };
  readonly #pauseMs: number;
  #lookedAt = performance.now();
  /** What was wrong at the last look. */
  #fault: string | undefined;

  /**
   * @param queue Its name, and its site.
   * @param options `pauseMs`: the least time between two looks. Default: 20 s.
   */
  constructor(
    link: NatsLink,
    queue: { name: string; site: string },
    { pauseMs = LOOK_MS } = {},
  ) {
    this.#link = link;
    this.#queue = queue;
    this.#pauseMs = pauseMs;
  }

  /**
   * Looks at the queue, unless it did so a moment ago. A queue with the same fault at
   * two looks is made again, with its own settings.
   *
   * @param options `isIdle`: whether a worker has just waited for a call in vain.
   * @returns whether it was made again.
   * @throws {Error} when the server does not answer, or does not allow it.
   */
  async look({ isIdle }: { isIdle: boolean }): Promise<boolean> {
    const now = performance.now();
    if (now - this.#lookedAt < this.#pauseMs) return false;
    this.#lookedAt = now;
    const { admin } = this.#link;
    const { name } = this.#queue;
    const info = await admin.consumers.info(CALLS, name);
    const before = this.#fault;
    this.#fault = await this.#faultOf(info, isIdle);
    if (this.#fault === undefined || this.#fault !== before) return false;
    this.#fault = undefined;
    await admin.consumers.delete(CALLS, name);
    await admin.consumers.add(CALLS, info.config);
    return true;
  }

  /** Tells faults from each other; undefined when there is none. */
  async #faultOf(
    info: ConsumerInfo,
    isIdle: boolean,
  ): Promise<string | undefined> {
    if (info.paused) return undefined;
    const first = await firstCall(this.#link, this.#queue.site);
    if (first !== undefined && first.seq <= info.ack_floor.stream_seq) {
      return `the call ${first.seq} counts as done`;
    }
    // While others take calls, the numbers change all the time.
    if (!isIdle || await this.#isComplete(info)) return undefined;
    return `nothing was given since ${info.delivered.consumer_seq}`;
  }

  /** Whether each call that is stored waits for a worker with room, or is with one. */
  async #isComplete(info: ConsumerInfo): Promise<boolean> {
    const { num_pending: waiting, num_ack_pending: held, config } = info;
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
