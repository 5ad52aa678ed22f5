// For how long this process has been late: it had something else to do, or got no
// time from the system. A timer that is due every few milliseconds tells.

/** How often the timer is due. */
const TICK_MS = 20;

/** Sums up the delays while it is watched. */
export class LoopDelay {
  #lateMs = 0;
  #watchers = 0;
  #dueAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** All delays so far, in milliseconds; the one that lasts counts. */
  get lateMs(): number {
    const lasting = this.#watchers > 0 ? performance.now() - this.#dueAt : 0;
    return this.#lateMs + Math.max(0, lasting);
  }

  /** Watches until the returned function is called. */
  watch(): () => void {
    if (this.#watchers++ === 0) this.#wait();
    return () => {
      if (--this.#watchers > 0) return;
      this.#lateMs += Math.max(0, performance.now() - this.#dueAt);
      clearTimeout(this.#timer);
    };
  }

  #wait(): void {
    this.#dueAt = performance.now() + TICK_MS;
    this.#timer = setTimeout(() => {
      this.#lateMs += Math.max(0, performance.now() - this.#dueAt);
      this.#wait();
    }, TICK_MS);
  }
}
