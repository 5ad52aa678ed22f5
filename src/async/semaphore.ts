// Places for what must not happen too often at once, such as handshakes: so
// many in all, so many with one server. Who waits is served in order, except
// that a server whose places are taken never holds up the others.

/** The bounds. */
export interface SemaphoreLimits {
  /** With one key, such as a server's address and port. */
  readonly perKey: number;
  readonly total: number;
}

interface Waiting {
  readonly key: string;
  readonly start: () => void;
}

/** Hands out places. */
export class Semaphore {
  readonly #limits: SemaphoreLimits;
  readonly #active = new Map<string, number>();
  #activeInAll = 0;
  #waiting: Waiting[] = [];

  constructor(limits: SemaphoreLimits) {
    this.#limits = limits;
  }

  /**
   * Waits for a place of a key; call what it returns, once, to give
   * the place back. Rejects with the signal's reason when that comes first.
   */
  acquire(key: string, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const waiting = {
        key,
        start: () => {
          signal.removeEventListener("abort", abort);
          resolve(() => this.#release(key));
        },
      };
      const abort = () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        reject(signal.reason);
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.push(waiting);
      this.#startWaiting();
    });
  }

  #release(key: string): void {
    const left = (this.#active.get(key) ?? 0) - 1;
    if (left > 0) this.#active.set(key, left);
    else this.#active.delete(key);
    this.#activeInAll--;
    this.#startWaiting();
  }

  #startWaiting(): void {
    for (let i = 0; i < this.#waiting.length;) {
      if (this.#activeInAll >= this.#limits.total) return;
      const { key, start } = this.#waiting[i]!;
      const active = this.#active.get(key) ?? 0;
      if (active >= this.#limits.perKey) {
        i++;
        continue;
      }
      this.#waiting.splice(i, 1);
      this.#active.set(key, active + 1);
      this.#activeInAll++;
      start();
    }
  }
}
