// The phases of hosts that events have told. A result has all phases of its host; those
// that no event has told become events just before it, as if they had been on time.
import { type Phase, PHASES } from "../../../errors.ts";
import type { HostResult } from "../../call/call.ts";
import type { RunEvent } from "../../call/run_event.ts";

/** What is known of hosts without a result. */
export class ToldPhases {
  readonly #told = new Map<string, Set<string>>();

  /** Takes an event that is told. */
  note(event: RunEvent): void {
    if (event.event !== "host_phase") return;
    const { host, phase } = event;
    const told = this.#told.get(host);
    if (told === undefined) this.#told.set(host, new Set([phase]));
    else told.add(phase);
  }

  /** The events that are missing before a result. */
  untold({ host, phases_ms }: HostResult, t: number): RunEvent[] {
    const told = this.#told.get(host);
    this.#told.delete(host);
    return Object.entries(phases_ms)
      .filter(([name]) => isTold(name) && !told?.has(name))
      .map(([name, ms]) => ({
        ...{ event: "host_phase", t, host },
        ...{ phase: name as Phase, ms },
      }));
  }
}

/** Whether events tell of a phase; how long a call took is in the result only. */
function isTold(name: string): boolean {
  return name !== "call" && (PHASES as readonly string[]).includes(name);
}
