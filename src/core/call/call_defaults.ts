// What holds for calls and runs unless the user sets something else. Help,
// completion and the documentation take their numbers from here.

/** Defaults of calls and runs. */
export const CALL_DEFAULTS = {
  /** How long a call may take on one host. */
  timeoutMs: 900_000,
  /** How many hosts are open at once. */
  fanout: 500,
} as const;

/** The most bytes that one host may send as files, unless it is said. */
export const MAX_FETCHED = 10 * 1024 ** 3;
