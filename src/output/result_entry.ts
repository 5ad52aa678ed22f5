// One host's outcome with its members in the order that the JSON document and
// NDJSON promise, whatever the order in which they were set.
import type { HostResult } from "../core/call/call.ts";

/** An entry of `results`. */
export function toEntry(result: HostResult): HostResult {
  return {
    host: result.host,
    status: result.status,
    changed: result.changed,
    rc: result.rc,
    duration_ms: result.duration_ms,
    phases_ms: result.phases_ms,
    result: result.result,
    ...(result.stdout === undefined ? {} : { stdout: result.stdout }),
    ...(result.stderr === undefined ? {} : { stderr: result.stderr }),
    error: result.error,
  };
}
