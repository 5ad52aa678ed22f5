// Passes events from many producers to one consumer, in the order of `push`. A
// producer that can wait asks for room first, so that a slow consumer slows it.

/** How many events may wait before producers should. */
const MAX_WAITING = 1000;

/** A queue that one consumer iterates over until it has ended. */
export class EventQueue<T> {
  #items: T[] = [];
  #ended = false;
  #wake = () => {};
  #room: PromiseWithResolvers<void> | undefined;

  /** Adds an event, also where there is no room: none is lost. */
  push(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  /** Resolves when there is room; undefined when there is now. */
  room(): Promise<void> | undefined {
    if (this.#items.length < MAX_WAITING || this.#ended) return undefined;
    return (this.#room ??= Promise.withResolvers<void>()).promise;
  }

  /** Ends the queue: nothing may be pushed afterwards. */
  end(): void {
    this.#ended = true;
    this.#wake();
    this.#makeRoom();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      for (;;) {
        const items = this.#items;
        this.#items = [];
        this.#makeRoom();
        yield* items;
        if (this.#items.length > 0) continue;
        if (this.#ended) return;
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#wake = resolve;
        await promise;
      }
    } finally {
      this.#ended = true;
      this.#makeRoom(); // producers must not wait for a consumer that is gone
    }
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}
