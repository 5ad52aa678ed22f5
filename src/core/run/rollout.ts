// Decides when the hosts of a run start: all at once, or in batches, each after
// the previous one has ended; and no more of them after too many have failed. A
// host that has started is never held back.
import { onAbort } from "../../async/abort.ts";
import type { Status } from "../call/call.ts";

/** A number of hosts, or a percentage of them. */
export type HostShare = { readonly hosts: number } | {
  readonly percent: number;
};

/** The order in which a run starts its hosts. */
export interface RolloutOptions {
  /** The size of a batch; the next batch starts when all of these have ended. */
  readonly serial?: HostShare | undefined;
  /** After more failed hosts than this, no other host is started. */
  readonly maxFail?: HostShare | undefined;
}

const FAILED: ReadonlySet<Status> = new Set([
  "failed",
  "unreachable",
  "timed_out",
]);

/** The rollout of one run. */
export class Rollout {
  readonly #hosts: number;
  readonly #maxFail: HostShare | undefined;
  readonly #isSerial: boolean;
  /** The most hosts that run at once; with `serial`, the size of a batch. */
  readonly #size: number;
  /** Called with the reason not to start; undefined when the host may start. */
  readonly #waiting = new Set<(reason: string | undefined) => void>();
  #started = 0;
  #ended = 0;
  #failed = 0;
  #failedOfBatch = 0;
  #stopped: string | undefined;

  /**
   * @param options `hosts`: the number of hosts; `fanout`: how many of them start
   * at once when there are no batches.
   */
  constructor(
    { hosts, fanout, serial, maxFail }: RolloutOptions & {
      hosts: number;
      fanout: number;
    },
  ) {
    this.#hosts = hosts;
    this.#maxFail = maxFail;
    this.#isSerial = serial !== undefined;
    if (serial) this.#size = Math.max(1, Math.floor(countOf(serial, hosts)));
    // A host that waits for a slot of the fleet cannot be stopped any more.
    else this.#size = maxFail ? fanout : Infinity;
  }

  /**
   * Waits until a host may start. Hosts start in the order of their calls.
   *
   * @returns the reason not to start; undefined when the host may start.
   * @throws the signal's reason, when it aborts first.
   */
  begin(signal: AbortSignal): Promise<string | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<
      string | undefined
    >();
    if (signal.aborted) {
      reject(signal.reason);
      return promise;
    }
    if (this.#waiting.size === 0 && (this.#stopped || this.#mayStart)) {
      if (this.#stopped === undefined) this.#started++;
      resolve(this.#stopped);
      return promise;
    }
    const next = (reason: string | undefined) => {
      stopListening();
      resolve(reason);
    };
    const stopListening = onAbort(signal, () => {
      this.#waiting.delete(next);
      reject(signal.reason);
    });
    this.#waiting.add(next);
    return promise;
  }

  /** Reports the end of a host that has started. */
  end(status: Status): void {
    this.#ended++;
    if (FAILED.has(status)) {
      this.#failed++;
      this.#failedOfBatch++;
    }
    this.#stopped ??= this.#reason();
    const isBatchOver = this.#isSerial && this.#ended === this.#started;
    if (isBatchOver) this.#failedOfBatch = 0;
    this.#advance();
  }

  get #mayStart(): boolean {
    if (!this.#isSerial) return this.#started - this.#ended < this.#size;
    const isBatchFull = this.#started > 0 && this.#started % this.#size === 0;
    return !isBatchFull || this.#ended === this.#started;
  }

  #reason(): string | undefined {
    const most = this.#maxFail;
    if (most !== undefined) {
      if (this.#failed <= countOf(most, this.#hosts)) return undefined;
      const allowed = "hosts" in most ? most.hosts : `${most.percent}%`;
      return `${this.#failed} of ${this.#hosts} hosts have failed, more than ${allowed}`;
    }
    // Like Ansible: a call that failed on a whole batch would fail on the next.
    const isWhole = this.#isSerial && this.#ended === this.#started &&
      this.#failedOfBatch > 0 &&
      this.#failedOfBatch === ((this.#started - 1) % this.#size) + 1;
    if (!isWhole) return undefined;
    return this.#failedOfBatch === 1
      ? "the host before it has failed"
      : `all ${this.#failedOfBatch} hosts before it have failed`;
  }

  #advance(): void {
    for (const next of this.#waiting) {
      if (this.#stopped === undefined) {
        if (!this.#mayStart) return;
        this.#started++;
      }
      this.#waiting.delete(next);
      next(this.#stopped);
    }
  }
}

function countOf(share: HostShare, hosts: number): number {
  return "hosts" in share ? share.hosts : hosts * share.percent / 100;
}
