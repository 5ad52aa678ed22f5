// How many messages that nobody asked for a host may send. Good hosts send a
// few at login, and later one now and then (a sign of life, a new window); a
// host that keeps sending them keeps the controller from the other hosts.

/** How many may come at once. */
const BURST = 2_000;
/** How many more may come each second. */
const PER_SECOND = 100;

/** Counts the useless messages of one connection. */
export class UselessMessages {
  #left = BURST;
  #filledAt = performance.now();

  /**
   * Counts a message, or one that is as bad as several.
   *
   * @throws {FloodError} when there were too many.
   */
  count(what: string, cost = 1): void {
    this.#left -= cost;
    if (this.#left >= 0) return;
    const now = performance.now();
    const earned = (now - this.#filledAt) / 1000 * PER_SECOND;
    this.#filledAt = now;
    this.#left = Math.min(BURST, this.#left + earned);
    if (this.#left < 0) {
      throw new FloodError(
        `it sent too many messages that nobody asked for, the last ${what}`,
      );
    }
  }
}

/** What a host did that ends its connection. */
export class FloodError extends Error {}
