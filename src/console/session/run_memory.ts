// Records a call's events while it runs, for `:last`, `:failed`, `:changed` and
// `@last`.
import type { HostResult } from "../../core/call/call.ts";
import type { RunEvent } from "../../core/call/run_event.ts";
import type { LastRun } from "../lines/session.ts";

/** The record of one run. */
export class RunMemory {
  #start: LastRun["start"] | undefined;
  readonly #results = new Map<string, HostResult>();
  #end: LastRun["end"] | undefined;

  /** The arguments as shown: masked. */
  get shownArgs(): LastRun["start"]["args"] | undefined {
    return this.#start?.args;
  }

  /** Passes events on, and each result to `onResult`. */
  async *follow(
    events: AsyncIterable<RunEvent>,
    onResult: (result: HostResult) => void,
  ): AsyncGenerator<RunEvent> {
    for await (const event of events) {
      if (event.event === "run_start") this.#start = event;
      else if (event.event === "run_end") this.#end = event;
      else if (event.event === "result") {
        const { event: _event, t: _t, ...result } = event;
        this.#results.set(result.host, result);
        onResult(result);
      }
      yield event;
    }
  }

  /** The run, once it has ended. */
  whole(): LastRun | undefined {
    return this.#start && this.#end &&
      { start: this.#start, results: this.#results, end: this.#end };
  }
}

/** Yields recorded events. */
export async function* replay(
  events: readonly RunEvent[],
): AsyncGenerator<RunEvent> {
  yield* events;
}
