// Limits how much happens at once, such as handshakes: in total, and with one
// server. Waiters are served in order, except that a server without a free slot
// never holds up the others.
import { onAbort } from "./abort.ts";

/** How many slots there are. */
export interface SemaphoreLimits {
  /** For one key, such as a server's address and port. */
  readonly perKey: number;
  readonly total: number;
}

interface Waiting {
  readonly key: string;
  readonly start: () => void;
}

/** Hands out slots. */
export class Semaphore {
  readonly #perKey: number;
  #total: number;
  readonly #active = new Map<string, number>();
  #totalActive = 0;
  #waiting: Waiting[] = [];

  constructor({ perKey, total }: SemaphoreLimits) {
    this.#perKey = perKey;
    this.#total = total;
  }

  /** How many slots there are in total. A smaller number takes no slot back. */
  get total(): number {
    return this.#total;
  }

  set total(total: number) {
    this.#total = total;
    this.#startWaiting();
  }

  /** Whether all slots are taken, whatever the key. */
  get isFull(): boolean {
    return this.#totalActive >= this.#total;
  }

  /**
   * Waits for a slot of a key. Call the returned function once to release it.
   * Rejects with the signal's reason if it aborts first.
   */
  acquire(key: string, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      let stopListening = () => {};
      const waiting = {
        key,
        start: () => {
          stopListening();
          resolve(() => this.#release(key));
        },
      };
      this.#waiting.push(waiting);
      this.#startWaiting();
      if (!this.#waiting.includes(waiting)) return;
      stopListening = onAbort(signal, () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        reject(signal.reason);
      });
    });
  }

  #release(key: string): void {
    const left = (this.#active.get(key) ?? 0) - 1;
    if (left > 0) this.#active.set(key, left);
    else this.#active.delete(key);
    this.#totalActive--;
    this.#startWaiting();
  }

  #startWaiting(): void {
    for (let i = 0; i < this.#waiting.length;) {
      if (this.#totalActive >= this.#total) return;
      const { key, start } = this.#waiting[i]!;
      const active = this.#active.get(key) ?? 0;
      if (active >= this.#perKey) {
        i++;
        continue;
      }
      this.#waiting.splice(i, 1);
      this.#active.set(key, active + 1);
      this.#totalActive++;
      start();
    }
  }
}
