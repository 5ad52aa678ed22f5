// Shell commands, pushes and fetches for programs: runs like any other.
import type { CallSettings, FetchArgs, PushArgs } from "../call/call.ts";
import type { RunEvent } from "../call/run_event.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { run, type RunOptions } from "./run.ts";

/** How a run of a command, a push or a fetch may differ from the usual one. */
export interface CommandOptions extends RunOptions {
  /** Settings of the call. Default: none. */
  call?: CallSettings;
}

/**
 * Runs a shell command on the hosts of a fleet, and yields what happens. The
 * hosts need no Python.
 *
 * @param command Read by `/bin/sh`.
 */
export function exec(
  fleet: Fleet,
  command: string,
  { call, ...options }: CommandOptions = {},
): AsyncGenerator<RunEvent, void, void> {
  return run(fleet, { ...call, command: [command] }, options);
}

/**
 * Pushes a file or folder to the hosts of a fleet, and yields what happens. A
 * host that has it already ends with the status `ok`.
 *
 * @throws {SourceError} before any host is contacted, when `src` is absent or
 *   cannot be read.
 */
export function pushFiles(
  fleet: Fleet,
  args: PushArgs,
  { call, ...options }: CommandOptions = {},
): AsyncGenerator<RunEvent, void, void> {
  return run(fleet, { ...call, push: args }, options);
}

/**
 * Fetches a file or folder of the hosts of a fleet, each into a folder of its
 * own below `dest`, and yields what happens.
 *
 * @throws {SourceError} before any host is contacted, when `dest` cannot be made.
 */
export function fetchFiles(
  fleet: Fleet,
  args: FetchArgs,
  { call, ...options }: CommandOptions = {},
): AsyncGenerator<RunEvent, void, void> {
  return run(fleet, { ...call, fetch: args }, options);
}
