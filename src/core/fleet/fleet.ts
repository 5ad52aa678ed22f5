// A fleet as programs that use the library see it.
import type { Host } from "../../inventory/inventory.ts";

/** What was sent to hosts. */
export interface Traffic {
  /** Bytes written to gates. */
  bytesSent: number;
  /** The number of times that the archive was sent. */
  gatesSent: number;
  /** The number of packs that were sent. */
  packsSent: number;
}

/**
 * Hosts, and the gates that stay open on them. `openFleet()` makes one; closing
 * it ends all gates and connections.
 */
export interface Fleet {
  /** Its hosts, in the order in which they were added. */
  readonly hosts: readonly Host[];
  /**
   * How many hosts may be open at once. Setting it to anything but a whole number
   * above 0 throws a RangeError.
   */
  fanout: number;
  /** What was sent to its hosts so far. */
  readonly traffic: Traffic;
  /** Adds hosts, except those whose names it has already. Contacts no host. */
  add(hosts: readonly Host[]): void;
  /** Closes the gates of some hosts; their next use opens them again. */
  release(names: Iterable<string>): Promise<void>;
  /** Ends all gates and connections. May be called twice. */
  close(): Promise<void>;
  /** Calls `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
