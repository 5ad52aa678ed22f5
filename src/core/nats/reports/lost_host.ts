// What a host is told that a worker has begun which is gone.
import { ConnectError } from "../../../errors.ts";
import type { HostResult } from "../../call/call.ts";
import { judgeError, untimed } from "../../result/host_result.ts";

/** Thrown when another worker has begun a host. */
export class BegunElsewhere extends ConnectError {
  constructor() {
    super("Lost the worker that began the call on this host", {
      phase: "call",
      hint: "Look at the host before you run it again",
    });
  }
}

/** The result of a host whose worker is gone. */
export function lostResult(host: string): HostResult {
  return judgeError(new BegunElsewhere(), untimed(host));
}
