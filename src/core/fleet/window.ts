// How many hosts may be open at once: a sliding window without barriers. A
// holder that rests gives way to whoever waits, the longest rest first; nothing
// is closed as long as nobody waits.

/** A place in the window. */
export interface Slot {
  /** May be given up when others wait: `evict` must lead to `leave`. */
  rest(evict: () => void): void;
  /** Is used again. */
  wake(): void;
  /** Gives the place up. May be called twice. */
  leave(): void;
}

interface Waiter {
  resolve: (slot: Slot) => void;
}

/** A bounded number of slots. */
export class Window {
  #size: number;
  /** Below 0 when the window was made smaller than what is in it. */
  #free: number;
  readonly #waiting = new Set<Waiter>();
  /** Who rests, the longest first. */
  readonly #resting = new Map<Slot, () => void>();
  #leaving = 0;

  /** @throws {RangeError} when `size` is not a whole number above 0. */
  constructor(size: number) {
    this.#size = this.#free = checked(size);
  }

  /** How many slots there are. */
  get size(): number {
    return this.#size;
  }

  /**
   * A smaller window takes nobody's slot away but that of holders that rest.
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
  throw new RangeError(`Cannot open ${size} hosts at once: want 1 or more`);
}
