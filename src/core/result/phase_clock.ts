// Measures how long each phase of one host takes.
import type { Phase } from "../../errors.ts";

/** A clock for phases that follow each other. */
export class PhaseClock {
  /** Whole milliseconds by phase, of the phases that have ended. */
  readonly ms: Record<string, number> = {};
  readonly #onEnd: (phase: Phase, ms: number) => void;
  readonly #onBegin: (phase: Phase) => void;
  #phase: Phase | undefined;
  #since = 0;

  /**
   * @param onEnd called with each phase when it ends.
   * @param onBegin called with each phase when it begins.
   */
  constructor(
    onEnd: (phase: Phase, ms: number) => void,
    onBegin: (phase: Phase) => void = () => {},
  ) {
    this.#onEnd = onEnd;
    this.#onBegin = onBegin;
  }

  /**
   * Ends the current phase; starts another unless it is undefined.
   *
   * @param agoMs how long ago that was.
   */
  begin(phase: Phase | undefined, agoMs = 0): void {
    const now = Math.max(performance.now() - agoMs, this.#since);
    if (this.#phase !== undefined && this.#phase !== phase) {
      const ms = Math.round(now - this.#since);
      this.ms[this.#phase] = (this.ms[this.#phase] ?? 0) + ms;
      this.#onEnd(this.#phase, ms);
    }
    if (this.#phase === phase) return;
    this.#since = now;
    this.#phase = phase;
    if (phase !== undefined) this.#onBegin(phase);
  }
}
