// The events of a run: the lines of NDJSON, and everything that a renderer
// learns.
import type { Phase } from "../../errors.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";
import type { CallName, HostResult, Summary } from "./call.ts";

/** One thing that happened in a run; `t` is milliseconds since its start. */
export type RunEvent =
  | CallName & {
    event: "run_start";
    t: number;
    run: string;
    /** The call's arguments, masked. */
    args: JsonObject;
    /** The names of all targeted hosts. */
    hosts: readonly string[];
    /** True in check mode: `changed` means "would change"; absent otherwise. */
    check?: true;
    /** The part of the hosts that `--shard` chose, as in `2/3`; absent without. */
    shard?: string;
    /** When the run started, in ISO 8601 and UTC. */
    started: string;
    /** Warnings about the module, one sentence each; absent without any. */
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
    /** The arguments again, when results showed that more of them are secret. */
    args?: JsonObject;
  };
