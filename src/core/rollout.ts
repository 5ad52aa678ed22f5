// When the hosts of a run begin: all at once, in batches of which each waits for
// the one before it, and no more of them when too many have failed. A host that
// has begun is never held back.
import { onAbort } from "../async/abort.ts";
import type { Status } from "./call.ts";

/** A number of hosts, or a share of them. */
export type Share = { readonly hosts: number } | { readonly percent: number };

/** How a run goes through its hosts. */
export interface RolloutOptions {
  /** So many at a time; the next ones begin when all of these have ended. */
  readonly serial?: Share | undefined;
  /** When more than so many have failed, no other host begins. */
  readonly maxFail?: Share | undefined;
}

const FAILED: ReadonlySet<Status> = new Set([
  "failed",
  "unreachable",
  "timed_out",
]);

/** The order of one run. */
export class Rollout {
  readonly #hosts: number;
  readonly #maxFail: Share | undefined;
  readonly #isSerial: boolean;
  /** How many hosts are under way at most, and in a batch. */
  readonly #size: number;
  /** Told why they are not to begin, or nothing when they may. */
  readonly #waiting = new Set<(reason: string | undefined) => void>();
  #begun = 0;
  #ended = 0;
  #failed = 0;
  #failedOfBatch = 0;
  #stopped: string | undefined;

  /**
   * @param options `hosts`: how many there are; `fanout`: how many begin at once
   * where the run is not cut into batches.
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
    // Who waits for a place in the fleet could not be called off any more.
    else this.#size = maxFail ? fanout : Infinity;
  }

  /**
   * Waits until a host may begin; hosts are let in in the order of their calls.
   *
   * @returns why it is not to begin any more, if so.
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
    if (this.#waiting.size === 0 && (this.#stopped || this.#mayBegin)) {
      if (this.#stopped === undefined) this.#begun++;
      resolve(this.#stopped);
      return promise;
    }
    const next = (reason: string | undefined) => {
      deafen();
      resolve(reason);
    };
    const deafen = onAbort(signal, () => {
      this.#waiting.delete(next);
      reject(signal.reason);
    });
    this.#waiting.add(next);
    return promise;
  }

  /** A host that has begun has ended. */
  end(status: Status): void {
    this.#ended++;
    if (FAILED.has(status)) {
      this.#failed++;
      this.#failedOfBatch++;
    }
    this.#stopped ??= this.#reason();
    const isBatchOver = this.#isSerial && this.#ended === this.#begun;
    if (isBatchOver) this.#failedOfBatch = 0;
    this.#advance();
  }

  get #mayBegin(): boolean {
    if (!this.#isSerial) return this.#begun - this.#ended < this.#size;
    const isBatchFull = this.#begun > 0 && this.#begun % this.#size === 0;
    return !isBatchFull || this.#ended === this.#begun;
  }

  #reason(): string | undefined {
    const most = this.#maxFail;
    if (most !== undefined) {
      if (this.#failed <= countOf(most, this.#hosts)) return undefined;
      const allowed = "hosts" in most ? most.hosts : `${most.percent}%`;
      return `${this.#failed} of ${this.#hosts} hosts have failed, and ${allowed} may`;
    }
    // What fails on a whole batch would fail on the next one: Ansible's rule too.
    const isWhole = this.#isSerial && this.#ended === this.#begun &&
      this.#failedOfBatch > 0 &&
      this.#failedOfBatch === ((this.#begun - 1) % this.#size) + 1;
    if (!isWhole) return undefined;
    return this.#failedOfBatch === 1
      ? "the host before it has failed"
      : `all ${this.#failedOfBatch} hosts before it have failed`;
  }

  #advance(): void {
    for (const next of this.#waiting) {
      if (this.#stopped === undefined) {
        if (!this.#mayBegin) return;
        this.#begun++;
      }
      this.#waiting.delete(next);
      next(this.#stopped);
    }
  }
}

function countOf(share: Share, hosts: number): number {
  return "hosts" in share ? share.hosts : hosts * share.percent / 100;
}
