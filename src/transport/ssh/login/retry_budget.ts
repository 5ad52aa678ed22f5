// How often a server is retried that closes connections before the handshake. It
// may be busy, mostly with other connections of ftl: while those are being opened
// too, only the deadline ends the retries. A connection that is alone at its
// server has a fixed number of attempts.

/** Attempts when no other host competes for this server. */
const ATTEMPTS = 8;

/** Counts the connections that are being opened, by server. */
export class RetryBudgets {
  readonly #pauseMs: number;
  readonly #counts = new Map<string, number>();

  /** @param pauseMs the first pause; later ones are longer */
  constructor(pauseMs: number) {
    this.#pauseMs = pauseMs;
  }

  /** Starts to open a connection; `end` must be called afterwards. */
  start(loadKey: string): RetryBudget {
    const count = () => this.#counts.get(loadKey) ?? 0;
    this.#counts.set(loadKey, count() + 1);
    return new RetryBudget(this.#pauseMs, {
      isAlone: () => count() === 1,
      end: () => {
        if (count() === 1) this.#counts.delete(loadKey);
        else this.#counts.set(loadKey, count() - 1);
      },
    });
  }
}

/** The attempts of one connection. */
export class RetryBudget {
  /** How many attempts have failed. */
  attempts = 0;
  readonly end: () => void;
  readonly #isAlone: () => boolean;
  readonly #pauseMs: number;
  #failures = 0;

  constructor(
    pauseMs: number,
    { isAlone, end }: { isAlone: () => boolean; end: () => void },
  ) {
    this.#pauseMs = pauseMs;
    this.#isAlone = isAlone;
    this.end = end;
  }

  /**
   * Counts a failed attempt; true when another may be made.
   *
   * @param options `limit`: how many attempts a connection has that is alone at
   *   its server; `isAlone`: it counts as alone
   */
  failed(
    { limit = ATTEMPTS, isAlone = false }: {
      limit?: number;
      isAlone?: boolean;
    } = {},
  ): boolean {
    this.attempts++;
    if (isAlone || this.#isAlone()) this.#failures++;
    return this.#failures < limit;
  }

  /** Waits longer each time, with jitter so that the attempts spread. */
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
