// The phases of hosts that events have told. A result has all phases of its host; what
// no event has told of them becomes events just before it, as if they had been on time:
// so the events of a host add up to its result, also where a phase came several times.
import { type Phase, PHASES } from "../../../errors.ts";
import type { HostResult } from "../../call/call.ts";
import type { RunEvent } from "../../call/run_event.ts";

/** What a worker has told of a host. */
interface Told {
  /** The worker (`ownerOf`). */
  readonly owner: string;
  /** Milliseconds by phase. */
  readonly ms: Map<string, number>;
}

/** What is known of hosts without a result. */
export class ToldPhases {
  readonly #told = new Map<string, Told>();

  /**
   * Takes an event that is told.
   *
   * @param owner The worker that tells it. Of a host that several have opened, only
   * the phases of the last one count: the result is from that.
   */
  note(event: RunEvent, owner: string): void {
    if (event.event !== "host_phase") return;
    const { host, phase, ms } = event;
    let told = this.#told.get(host);
    if (told?.owner !== owner) {
      this.#told.set(host, told = { owner, ms: new Map() });
    }
    told.ms.set(phase, (told.ms.get(phase) ?? 0) + ms);
  }

  /**
   * The events that are missing before a result.
   *
   * @param options `t`: their time; `owner`: the worker that has the result.
   */
  untold(
    { host, phases_ms }: HostResult,
    { t, owner }: { t: number; owner: string },
  ): RunEvent[] {
    const told = this.#told.get(host);
    this.#told.delete(host);
    const isOwn = told?.owner === owner;
    return Object.entries(phases_ms).flatMap(([name, all]): RunEvent[] => {
      if (!isPhase(name) || name === "call") return []; // no event tells a call
      const before = isOwn ? told.ms.get(name) : undefined;
      const ms = all - (before ?? 0);
      if (before !== undefined && ms <= 0) return [];
      return [{ event: "host_phase", t, host, phase: name, ms }];
    });
  }
}

function isPhase(name: string): name is Phase {
  return (PHASES as readonly string[]).includes(name);
}
