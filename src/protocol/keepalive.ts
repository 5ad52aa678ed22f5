// Shows the gate that somebody is there, and notices when nobody is at the
// other end (docs/protocol.md, Keepalive). It counts its own pings, not the
// clock, so that a controller that slept does not blame its hosts.
import type { StartTimer } from "../async/timer.ts";
import { PING_MS, SILENCE_MS } from "./limits.ts";

const PINGS_IN_SILENCE = SILENCE_MS / PING_MS;

/** What a keepalive does, and the time it lives by. */
export interface KeepaliveOptions {
  ping: () => void;
  /** Called once after `SILENCE_MS` without input, up to one ping later. */
  onSilence: () => void;
  startTimer: StartTimer;
}

/** Pings from its making until it is stopped. */
export class Keepalive {
  readonly #options: KeepaliveOptions;
  #silence = 0;
  #paused = 0;
  #stopTimer: () => void;

  constructor(options: KeepaliveOptions) {
    this.#options = options;
    this.#stopTimer = this.#start();
  }

  /** Says that something came from the gate. */
  heard(): void {
    this.#silence = 0;
  }

  /** Says that nothing is read until `wait` resolves: silence is our doing. */
  pause(wait: Promise<void>): void {
    this.#paused++;
    void wait.then(() => {
      this.#paused--;
      this.#silence = 0;
    });
  }

  /** Ends it. */
  stop(): void {
    this.#stopTimer();
  }

  #start(): () => void {
    return this.#options.startTimer(() => {
      if (this.#silence === PINGS_IN_SILENCE) return this.#options.onSilence();
      if (this.#paused === 0) this.#silence++;
      this.#stopTimer = this.#start();
      this.#options.ping();
    }, PING_MS);
  }
}
