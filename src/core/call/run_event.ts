// What happens during a run, one object per happening: the lines of NDJSON,
// and all that a renderer ever learns.
import type { Phase } from "../../errors.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";
import type { CallName, HostResult, Summary } from "./call.ts";

/** `t`: milliseconds since the run began. */
export type RunEvent =
  | CallName & {
    event: "run_start";
    t: number;
    run: string;
    /** The call's arguments, masked. */
    args: JsonObject;
    /** The names of all targeted hosts. */
    hosts: readonly string[];
    /** When the run began, ISO 8601 in UTC. */
    started: string;
    /** What is to be said of the module, one sentence each; absent: nothing. */
    warnings?: readonly string[];
  }
  | { event: "host_phase"; t: number; host: string; phase: Phase; ms: number }
  | {
    event: "output";
    t: number;
    host: string;
    stream: "stdout" | "stderr";
    text: string;
  }
  | { event: "progress"; t: number; host: string; data: Json }
  | ({ event: "result"; t: number } & HostResult)
  | {
    event: "run_end";
    t: number;
    summary: Summary;
    duration_ms: number;
    /** The arguments again, where hosts have masked more of them. */
    args?: JsonObject;
  };
