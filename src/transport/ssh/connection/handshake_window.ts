// How many handshakes go on at once. It works as TCP's congestion control does (RFC
// 5681, AIMD): while this process keeps up, the window opens by one for each window
// of handshakes; when handshakes become slow because this process is busy, it closes
// to the half. A host that is slow or silent by itself closes nothing.

/** The window never closes further. */
const FLOOR = 4;
/** A shorter handshake is not slow: far hosts take as long. */
const SLOW_MS = 1_000;
/** From this share of its time on, this process made a handshake slow. */
const OWN_SHARE = 0.5;

/** A handshake, from the server's first packet to the host's key. */
export interface TimedHandshake {
  /** The host has shown its key. */
  done(): void;
  /** The time was up before. */
  missed(): void;
}

/** The limit of handshakes in flight. */
export class HandshakeWindow {
  readonly #most: number;
  readonly #floor: number;
  readonly #lateMs: () => number;
  readonly #nowMs: () => number;
  #size: number;
  /** Handshakes that began before have been accounted for. */
  #closedAt = -Infinity;

  /**
   * @param options `most`: the size at the start, and the most; `lateMs`: for how
   *   long this process has been late so far (loop_delay.ts)
   */
  constructor(
    { most, lateMs, nowMs = () => performance.now() }: {
      most: number;
      lateMs: () => number;
      nowMs?: () => number;
    },
  ) {
    this.#most = this.#size = most;
    this.#floor = Math.min(FLOOR, most);
    this.#lateMs = lateMs;
    this.#nowMs = nowMs;
  }

  /** How many handshakes may go on at once. */
  get size(): number {
    return Math.floor(this.#size);
  }

  /** Starts to time a handshake. */
  begin(): TimedHandshake {
    const beganAt = this.#nowMs();
    const lateBefore = this.#lateMs();
    const isOwn = (ms: number) =>
      this.#lateMs() - lateBefore >= ms * OWN_SHARE && ms > 0;
    return {
      done: () => {
        const ms = this.#nowMs() - beganAt;
        if (ms >= SLOW_MS && isOwn(ms)) this.#close(beganAt);
        else this.#open();
      },
      missed: () => {
        if (isOwn(this.#nowMs() - beganAt)) this.#close(beganAt);
      },
    };
  }

  #open(): void {
    this.#size = Math.min(this.#most, this.#size + 1 / this.#size);
  }

  /** Closes once for all handshakes of one window. */
  #close(beganAt: number): void {
    if (beganAt < this.#closedAt) return;
    this.#closedAt = this.#nowMs();
    this.#size = Math.max(this.#floor, this.#size / 2);
  }
}
