// Shows the gate that the controller is alive, and notices a silent gate
// (docs/protocol.md, Keepalive). It counts its own pings, not the clock, so that
// a controller that was suspended does not blame its hosts.
import { type Beating, type Pulse, sharedPulse } from "../async/pulse.ts";
import type { StartTimer } from "../async/timer.ts";
import { PING_MS, SILENCE_MS } from "./limits.ts";

const PINGS_IN_SILENCE = SILENCE_MS / PING_MS;

/** What a keepalive calls, and its clock. */
export interface KeepaliveOptions {
  ping: () => void;
  /** Called once after `SILENCE_MS` without input, up to one ping later. */
  onSilence: () => void;
  startTimer: StartTimer;
}

/** Pings from its construction until it is stopped. */
export class Keepalive implements Beating {
  readonly #options: KeepaliveOptions;
  #silence = 0;
  #paused = 0;

  constructor(options: KeepaliveOptions) {
    this.#options = options;
    this.#pulse.add(this);
  }

  /** Notes that the gate sent something. */
  heard(): void {
    this.#silence = 0;
  }

  /** Ignores silence until `wait` resolves, because nothing is read until then. */
  pause(wait: Promise<void>): void {
    this.#paused++;
    void wait.then(() => {
      this.#paused--;
      this.#silence = 0;
    });
  }

  /** Pings; called at each interval. */
  beat(): void {
    if (this.#silence === PINGS_IN_SILENCE) {
      this.stop();
      return this.#options.onSilence();
    }
    if (this.#paused === 0) this.#silence++;
    this.#options.ping();
  }

  /** Stops pinging. */
  stop(): void {
    this.#pulse.delete(this);
  }

  get #pulse(): Pulse {
    return sharedPulse(PING_MS, this.#options.startTimer);
  }
}
