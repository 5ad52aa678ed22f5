// Pushing and fetching for programs: runs like any other.
import type { CallSettings, FetchArgs, PushArgs } from "../call/call.ts";
import type { RunEvent } from "../call/run_event.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { run, type RunOptions } from "./run.ts";

/** How a push or a fetch may differ from the usual one. */
export interface TransferOptions extends RunOptions {
  /** What else to say of the call: check mode, its deadline. */
  call?: Pick<CallSettings, "check" | "timeoutMs" | "noLog">;
}

/**
 * Pushes a file or folder to the hosts of a fleet, and yields what happens. A
 * host that has it already has the status `ok`.
 *
 * @throws {SourceError} before any host is contacted, when `src` is absent or
 *   cannot be read.
 */
export function pushFiles(
  fleet: Fleet,
  args: PushArgs,
  { call, ...options }: TransferOptions = {},
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
  { call, ...options }: TransferOptions = {},
): AsyncGenerator<RunEvent, void, void> {
  return run(fleet, { ...call, fetch: args }, options);
}
