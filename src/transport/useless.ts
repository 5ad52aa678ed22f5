// How many messages that nobody asked for a host may send. Good hosts send a
// few at login, and later one now and then (a sign of life, a new window); a
// host that keeps sending them keeps the controller from the other hosts.

/** How many may come at once. */
const BURST = 2_000;
/** How many more may come each second. */
const PER_SECOND = 100;
/** How many more may come for each channel that we open. */
const PER_CHANNEL = 8;

/** Counts the useless messages of one connection. */
export class UselessMessages {
  #left = BURST;
  #filledAt = performance.now();

  /** A channel that we asked for: some may come for each. */
  opened(): void {
    this.#left = Math.min(BURST, this.#left + PER_CHANNEL);
  }

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

/** RFC 4254, section 5.2. */
export const WIDEST_WINDOW = 2 ** 32 - 1;
/** A window that grows by less has to have been used. */
export const LARGE_ADJUSTMENT = 16 * 1024;
export const SMALL_ADJUSTMENT = 256;

/** What a host did that ends its connection. */
export class FloodError extends Error {}
