// Work that goes on in the background, so that its amount can be bounded and its
// end awaited.

/** Promises that are still pending. */
export class PendingWork {
  readonly #pending = new Set<Promise<void>>();
  #error: { readonly cause: unknown } | undefined;

  /** How much is pending. */
  get size(): number {
    return this.#pending.size;
  }

  /** Adds work; `settled()` throws its error. */
  add(work: Promise<void>): void {
    const done: Promise<void> = work
      .catch((cause) => void (this.#error ??= { cause }))
      .finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }

  /** Waits until less than this much is pending. */
  async below(most: number): Promise<void> {
    while (this.#pending.size >= most) await Promise.race(this.#pending);
  }

  /** Waits until nothing is pending. @throws the first error. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    if (this.#error !== undefined) throw this.#error.cause;
  }
}
