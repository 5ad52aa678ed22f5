// How long a server is tried that hangs up before it knows who comes. It may be
// busy, and mostly with us: as long as others of ours are at the same door, the
// deadline alone decides, and only who stands there alone gives up before.

/** How often somebody tries who is alone at a door. */
const ATTEMPTS = 8;

/** Who tries to get in where. */
export class RetryBudgets {
  readonly #pauseMs: number;
  readonly #crowds = new Map<string, number>();

  /** @param pauseMs how long to wait at first; longer each time */
  constructor(pauseMs: number) {
    this.#pauseMs = pauseMs;
  }

  /** Begins to try; `leave` must follow. */
  knock(door: string): RetryBudget {
    const crowd = () => this.#crowds.get(door) ?? 0;
    this.#crowds.set(door, crowd() + 1);
    return new RetryBudget(this.#pauseMs, {
      isAlone: () => crowd() === 1,
      leave: () => {
        if (crowd() === 1) this.#crowds.delete(door);
        else this.#crowds.set(door, crowd() - 1);
      },
    });
  }
}

/** The patience of one who tries. */
export class RetryBudget {
  /** How many attempts have failed. */
  attempts = 0;
  readonly leave: () => void;
  readonly #isAlone: () => boolean;
  readonly #pauseMs: number;
  #left = ATTEMPTS;

  constructor(
    pauseMs: number,
    { isAlone, leave }: { isAlone: () => boolean; leave: () => void },
  ) {
    this.#pauseMs = pauseMs;
    this.#isAlone = isAlone;
    this.leave = leave;
  }

  /** Counts an attempt that failed; whether another is worth it. */
  failed(): boolean {
    this.attempts++;
    if (this.#isAlone()) this.#left--;
    return this.#left > 0;
  }

  /** Waits longer each time, and not as long as all the others do. */
  pause(signal: AbortSignal): Promise<void> {
    const ms = this.#pauseMs * Math.min(1.5 ** (this.attempts - 1), 5);
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms * (0.5 + Math.random() / 2));
      signal.addEventListener("abort", done, { once: true });
    });
  }
}
