// Limits the unsolicited messages of a host. Good hosts send a few at login, and
// later one now and then (a keepalive, a new window); a host that floods the
// controller with them would delay the other hosts.

/** How many may arrive at once. */
const BURST = 2_000;
/** How many more may arrive each second. */
const PER_SECOND = 100;
/** How many more may arrive for each channel that ftl opens. */
const PER_CHANNEL = 8;

/** Counts the useless messages of one connection. */
export class UselessMessages {
  #left = BURST;
  #filledAt = performance.now();

  /** Adds the messages that may arrive for a channel that ftl opened. */
  opened(): void {
    this.#left = Math.min(BURST, this.#left + PER_CHANNEL);
  }

  /**
   * Counts a message; `cost` is above 1 for one that is as bad as several.
   *
   * @param what completes "the last one was …"
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
        `it sent too many unsolicited messages; the last one was ${what}`,
      );
    }
  }
}

/** RFC 4254, section 5.2. */
export const WIDEST_WINDOW = 2 ** 32 - 1;
/** A smaller adjustment is useless unless that much of the window was used. */
export const LARGE_ADJUSTMENT = 16 * 1024;
export const SMALL_ADJUSTMENT = 256;

/** A host broke a limit, and its connection must end. */
export class FloodError extends Error {}
