// The face of a fleet: what programs that use ftl as a library may do with one.
import type { Host } from "../../inventory/inventory.ts";

/** What went over the wire. */
export interface Traffic {
  /** Bytes written to gates. */
  bytesSent: number;
  /** How many hosts the archive was sent to. */
  gatesSent: number;
  /** How many packs were sent. */
  packsSent: number;
}

/**
 * Hosts, and the gates that stay open on them. Made by `openFleet()`; closing it
 * ends all gates and connections.
 */
export interface Fleet {
  /** Its hosts, in the order in which they were added. */
  readonly hosts: readonly Host[];
  /**
   * How many hosts may be open at once. Setting it throws a RangeError unless
   * it is a whole number above 0.
   */
  fanout: number;
  /** What went over the wire so far. */
  readonly traffic: Traffic;
  /** Adds hosts that it does not have yet. Contacts no host. */
  add(hosts: readonly Host[]): void;
  /** Closes the gates of some hosts; their next use opens them again. */
  release(names: Iterable<string>): Promise<void>;
  /** Ends all gates and connections. May be called twice. */
  close(): Promise<void>;
  /** The same as `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
