// The limits that controller and gate agree on (docs/protocol.md). The Python in
// src/gate/runtime/ repeats them; tests/gate/runtime_facts_test.ts compares both,
// and the page, with this file.

/** The longest body that a frame may have, in bytes: 64 MiB. */
export const MAX_BODY = 64 * 1024 * 1024;

/** The longest body that is sent in one frame, in bytes: 1 MiB. */
export const MAX_WHOLE = 1024 * 1024;

/** The longest body of a `Data` message, in bytes: 256 KiB. */
export const MAX_DATA = 256 * 1024;

/** How deep JSON may be nested on a channel. */
export const MAX_DEPTH = 200;

/**
 * How many values JSON may hold on a channel. Parsing 64 MiB of `[],[],…` would
 * take 1.5 GB, and block every other host for seconds.
 */
export const MAX_VALUES = 1_000_000;

/**
 * How much of a call's output a result holds, in bytes or characters, unless the
 * call has its own limit.
 */
export const MAX_STDOUT = 32 * 1024 * 1024;
/** The highest limit of a call: more has no room in one message. */
export const MOST_STDOUT = 48 * 1024 * 1024;
export const MAX_STDERR = 1024 * 1024;

/** How many calls a gate runs at once. */
export const MAX_RUNNING = 16;

/** How often the controller pings a gate. */
export const PING_MS = 15_000;

/** The silence after which either end treats the link as lost. */
export const SILENCE_MS = 60_000;

/** The time between TERM and KILL when a call is ended. */
export const KILL_AFTER_MS = 5_000;
