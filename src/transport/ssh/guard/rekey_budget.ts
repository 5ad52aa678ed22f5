// Limits how often a host may ask for new keys: each exchange costs up to half a
// second here. Servers ask after a gigabyte or an hour by default; the rest of
// the budget is for servers that are configured to ask sooner.
import { WireViolation } from "./wire_reader.ts";

const MAX_SAVED = 10;
const EARNED_EACH_MS = 3_000;
const EARNED_EACH_BYTES = 256 * 1024;

/** The key exchanges that a connection may still have. */
export class RekeyBudget {
  #saved = MAX_SAVED;
  #bytes = 0;
  #nowMs: number;

  /** @param nowMs the time, in milliseconds */
  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  /**
   * Counts one exchange.
   *
   * @param bytes the bytes that the connection has carried so far
   * @throws {WireViolation} when the budget is spent.
   */
  take({ bytes, nowMs }: { bytes: number; nowMs: number }): void {
    const earned = (nowMs - this.#nowMs) / EARNED_EACH_MS +
      (bytes - this.#bytes) / EARNED_EACH_BYTES;
    this.#saved = Math.min(MAX_SAVED, this.#saved + earned) - 1;
    this.#nowMs = nowMs;
    this.#bytes = bytes;
    if (this.#saved < 0) {
      throw new WireViolation("it asked for new keys too often");
    }
  }
}
