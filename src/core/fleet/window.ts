// Limits how many hosts are open at once. An idle host keeps its slot until
// another host waits for one; then the host that was idle longest is closed.

/** A slot in the window. */
export interface Slot {
  /**
   * Marks the slot as idle. `evict` is called when another host needs the slot,
   * and must lead to `leave`.
   */
  rest(evict: () => void): void;
  /** Marks the slot as used again. */
  wake(): void;
  /** Gives the slot up. May be called twice. */
  leave(): void;
}

interface Waiter {
  resolve: (slot: Slot) => void;
}

/** A bounded number of slots. */
export class Window {
  #size: number;
  /** Below 0 after the size was set below the number of used slots. */
  #free: number;
  readonly #waiting = new Set<Waiter>();
  /** The idle slots, the one that was idle longest first. */
  readonly #resting = new Map<Slot, () => void>();
  #leaving = 0;

  /** @throws {RangeError} when `size` is not a whole number above 0. */
  constructor(size: number) {
    this.#size = this.#free = checked(size);
  }

  /** The number of slots. */
  get size(): number {
    return this.#size;
  }

  /**
   * Sets the number of slots. A smaller window evicts idle hosts only.
   *
   * @throws {RangeError} when it is not a whole number above 0.
   */
  set size(size: number) {
    this.#free += checked(size) - this.#size;
    this.#size = size;
    this.#advance();
  }

  /** Waits for a slot; rejects with the signal's reason when that aborts first. */
  enter(signal: AbortSignal): Promise<Slot> {
    const { promise, resolve, reject } = Promise.withResolvers<Slot>();
    if (signal.aborted) {
      reject(signal.reason);
      return promise;
    }
    const abort = () => {
      this.#waiting.delete(waiter);
      reject(signal.reason);
    };
    const waiter = {
      resolve: (slot: Slot) => {
        signal.removeEventListener("abort", abort);
        resolve(slot);
      },
    };
    signal.addEventListener("abort", abort, { once: true });
    this.#waiting.add(waiter);
    this.#advance();
    return promise;
  }

  #advance(): void {
    for (const waiter of this.#waiting) {
      if (this.#free <= 0) break;
      this.#free--;
      this.#waiting.delete(waiter);
      waiter.resolve(this.#slot());
    }
    for (const [slot, evict] of this.#resting) {
      const wanted = this.#waiting.size - Math.min(this.#free, 0);
      if (this.#leaving >= wanted) break;
      this.#resting.delete(slot);
      this.#leaving++;
      evict();
    }
  }

  #slot(): Slot {
    let held = true;
    let evicted = false;
    const slot: Slot = {
      rest: (evict) => {
        this.#resting.set(slot, () => {
          evicted = true;
          evict();
        });
        this.#advance();
      },
      wake: () => {
        this.#resting.delete(slot);
      },
      leave: () => {
        if (!held) return;
        held = false;
        this.#resting.delete(slot);
        if (evicted) this.#leaving--;
        this.#free++;
        this.#advance();
      },
    };
    return slot;
  }
}

function checked(size: number): number {
  if (Number.isSafeInteger(size) && size >= 1) return size;
  throw new RangeError(
    `Cannot open ${size} hosts at once: it is not a whole number above 0`,
  );
}
