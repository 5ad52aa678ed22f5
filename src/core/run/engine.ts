// What runs calls, whichever processes hold the connections (docs/engines.md): this
// one, or sessions that keep hosts open. Tasks and events are plain data.
import type { Call } from "../call/call.ts";
import type { RunEvent } from "../call/run_event.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { HostCallOptions } from "./host_call.ts";
import type { RolloutOptions } from "./rollout.ts";
import { run, type RunOptions } from "./run.ts";

/** A call, and how it is made on the hosts; JSON can carry it. */
export interface EngineTask
  extends
    RolloutOptions,
    Pick<HostCallOptions, "keepOpen" | "keepInvocation" | "keepsResults">,
    Pick<RunOptions, "facts"> {
  readonly call: Call;
  /** The names of the hosts. Default: all hosts of the engine. */
  readonly hosts?: readonly string[] | undefined;
}

/** What a run needs besides its task. */
export interface EngineRunOptions extends Pick<HostCallOptions, "stdin"> {
  /** Cancels the run and its calls on the hosts; every host still gets a result. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs tasks on the hosts that it was opened for. */
export interface Engine {
  /** Yields the events of a run; ending the iteration early cancels it. */
  run(task: EngineTask, options?: EngineRunOptions): AsyncIterable<RunEvent>;
  /** Lets go of all hosts. May be called twice. */
  close(): Promise<void>;
}

/**
 * The engine of a fleet. Hosts that a session of the fleet has are called through
 * the session, all others from this process.
 */
export function engineOf(fleet: Fleet): Engine {
  return {
    run: ({ call, ...task }, options) =>
      run(fleet, call, { ...task, ...options }),
    close: () => fleet.close(),
  };
}
