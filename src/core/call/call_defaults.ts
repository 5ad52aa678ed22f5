// The defaults of calls and runs. Help, completion and tests of the doc comments
// read them from here.
import { MAX_STDOUT } from "../../protocol/limits.ts";

/** The settings of calls and runs that have a default number. */
export const CALL_DEFAULTS = {
  /** The deadline of a call on one host. */
  timeoutMs: 900_000,
  /** The number of hosts that are open at once. */
  fanout: 500,
  /** How long a site may be without a worker over NATS. */
  workerTimeoutMs: 300_000,
  /** The bytes of a host's output that its result holds. */
  maxOutput: MAX_STDOUT,
  /** The most bytes that one host may send in a fetch. */
  maxFetchBytes: 10 * 1024 ** 3,
  /** How long a session stays without a client. */
  sessionIdleMs: 600_000,
} as const;
