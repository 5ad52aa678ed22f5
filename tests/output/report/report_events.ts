// Events of small runs, for the tests of the report.
import type { HostResult, Status } from "../../../src/core/call/call.ts";
import type { RunEvent } from "../../../src/core/call/run_event.ts";

export const START = {
  event: "run_start",
  t: 0,
  run: "r",
  module: "ping",
  args: { data: "</script><img src=x onerror=document.title='run'>" },
  hosts: ["web1", "web2", "web3"],
  started: "2026-01-02T03:04:05.000Z",
} as const satisfies RunEvent;

/** The event of one host's result. */
export function result(
  host: string,
  status: Status,
  more: Partial<HostResult> = {},
): RunEvent {
  return {
    event: "result",
    t: 10,
    host,
    status,
    changed: status === "changed",
    rc: 0,
    duration_ms: 9,
    phases_ms: { connect: 1, call: 8 },
    result: {},
    error: null,
    ...more,
  };
}
