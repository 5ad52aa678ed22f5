// The time that connecting to a host may take. It stands still while somebody
// is asked for a secret: a host is not slow because a person is.

/** A span of time that ends in an abort. */
export class ConnectDeadline {
  readonly timeoutMs: number;
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #onOuterAbort = () => this.#controller.abort(this.#outer.reason);
  #leftMs: number;
  #startedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pauses = 0;
  #expired = false;

  /** @param outer aborts it too, with its own reason */
  constructor(timeoutMs: number, outer: AbortSignal) {
    this.timeoutMs = timeoutMs;
    this.#leftMs = timeoutMs;
    this.#outer = outer;
    if (outer.aborted) this.#onOuterAbort();
    else outer.addEventListener("abort", this.#onOuterAbort, { once: true });
    this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** True when it was the time that ended it. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Stops the clock until what it returns has been called. */
  pause(): () => void {
    if (this.#pauses++ === 0) {
      clearTimeout(this.#timer);
      this.#leftMs -= performance.now() - this.#startedAt;
    }
    return () => {
      if (--this.#pauses === 0) this.#start();
    };
  }

  /** Releases the timer; the deadline has been met. */
  stop(): void {
    this.#pauses = Infinity;
    clearTimeout(this.#timer);
    this.#outer.removeEventListener("abort", this.#onOuterAbort);
  }

  #start(): void {
    this.#startedAt = performance.now();
    this.#timer = setTimeout(() => {
      this.#expired = true;
      this.#controller.abort(new Error("The time for connecting is over"));
    }, this.#leftMs);
  }
}
