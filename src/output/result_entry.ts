// One host's result with its members in the documented order of JSON and NDJSON.
import type { HostResult } from "../core/call/call.ts";

/** Returns an entry of `results`. */
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
