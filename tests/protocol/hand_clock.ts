// Time that passes only when a test says so.
import type { StartTimer } from "../../src/async/timer.ts";

/** A clock that is turned by hand. */
export class HandClock {
  #now = 0;
  readonly #timers = new Set<{ at: number; callback: () => void }>();

  /** How many timers run. */
  get timers(): number {
    return this.#timers.size;
  }

  readonly startTimer: StartTimer = (callback, ms) => {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Lets time pass; what is due calls back in order. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end);
      const next = due.sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#now = next.at;
      this.#timers.delete(next);
      next.callback();
    }
    this.#now = end;
  }
}
