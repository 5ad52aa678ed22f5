// One host's part of a push or a fetch. The call's deadline starts when the
// connection is open.
import type { JsonObject } from "../../protocol/message.ts";
import type { Connection } from "../../transport/transport.ts";
import type { HostResult } from "../call/call.ts";
import { judgeCancelled, judgeObject } from "../result/host_result.ts";
import type { HostContext } from "../work/host_context.ts";
import { withinCall } from "../call/within_call.ts";

/** Runs `work` with the host's connection under the call's deadline. */
export function withDeadline(
  context: HostContext,
  work: (connection: Connection, signal: AbortSignal) => Promise<JsonObject>,
): Promise<HostResult> {
  return context.use(async (host) => {
    const connection = await host.connection();
    context.beginCall();
    try {
      const object = await withinCall({
        signal: context.signal,
        timeoutMs: context.timeoutMs,
        state: "The files were not copied",
        hint: "Raise `timeoutMs`",
      }, (signal) => work(connection, signal));
      return judgeObject(object, context.callContext);
    } catch (error) {
      if (!context.signal.aborted) throw error;
      return judgeCancelled(context.callContext, "The run was cancelled");
    }
  });
}
