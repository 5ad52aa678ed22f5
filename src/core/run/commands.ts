// Shortcuts for programs that run shell commands, pushes and fetches.
import type { CallSettings, FetchArgs, PushArgs } from "../call/call.ts";
import type { RunEvent } from "../call/run_event.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { run, type RunOptions } from "./run.ts";

/** The options of a run of a shell command, a push or a fetch. */
export interface CommandOptions extends RunOptions {
  /** Settings of the call. Default: none. */
  call?: CallSettings;
}

/**
 * Runs a shell command on the hosts of a fleet, and yields the events of the
 * run. The hosts need no Python.
 *
 * @param command Run by `/bin/sh`.
 */
export function exec(
  fleet: Fleet,
  command: string,
  { call, ...options }: CommandOptions = {},
): AsyncGenerator<RunEvent, void, void> {
  return run(fleet, { ...call, command: [command] }, options);
}

/**
 * Pushes a file or folder to the hosts of a fleet, and yields the events of the
 * run. A host that has it already gets the status `ok`.
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
 * Fetches a file or folder from the hosts of a fleet, for each host into a
 * folder of its own below `dest`, and yields the events of the run.
 *
 * @throws {SourceError} before any host is contacted, when `dest` cannot be
 *   created.
 */
export function fetchFiles(
  fleet: Fleet,
  args: FetchArgs,
  { call, ...options }: CommandOptions = {},
): AsyncGenerator<RunEvent, void, void> {
  return run(fleet, { ...call, fetch: args }, options);
}
