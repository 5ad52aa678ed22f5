// The phases that a host has entered, and that its client has not been told yet. They
// travel with the next message about the host: one for each phase would be most of
// what is said.
import { callLater } from "../../async/timer.ts";
import type { Phase } from "../../errors.ts";

/** A phase, null after the last one, and how long ago it began, in ms. */
export type TimedPhase = readonly [phase: Phase | null, agoMs: number];

/** What the next message about a host carries. */
export interface PhaseData {
  readonly phases?: readonly TimedPhase[];
}

/** How long a phase waits for another message. */
const WAIT_MS = 100;

/** The phases of a client's hosts. */
export class PhaseLog {
  readonly #send: (host: number, data: PhaseData) => void;
  /** By host, each with the time of its start. */
  #waiting = new Map<number, [Phase | null, number][]>();
  #isTimed = false;

  /** @param send called with what has waited for too long. */
  constructor(send: (host: number, data: PhaseData) => void) {
    this.#send = send;
  }

  /** A host has entered a phase; undefined: the last one has ended. */
  add(host: number, phase: Phase | undefined): void {
    const now = performance.now();
    const entered = this.#waiting.get(host);
    if (entered !== undefined) entered.push([phase ?? null, now]);
    else this.#waiting.set(host, [[phase ?? null, now]]);
    if (this.#isTimed) return;
    this.#isTimed = true;
    callLater(WAIT_MS, () => this.#sendAll());
  }

  /** The phases of a host since the last time. */
  take(host: number): PhaseData {
    const entered = this.#waiting.get(host);
    if (entered === undefined) return {};
    this.#waiting.delete(host);
    const now = performance.now();
    return {
      phases: entered.map(([phase, at]) => [phase, Math.round(now - at)]),
    };
  }

  #sendAll(): void {
    this.#isTimed = false;
    for (const host of [...this.#waiting.keys()]) {
      this.#send(host, this.take(host));
    }
  }
}
