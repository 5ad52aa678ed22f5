// One host's part in a push or a fetch: from the connection to the one result,
// with the call's deadline over all that comes after the connection.
import type { JsonObject } from "../../protocol/message.ts";
import type { Connection } from "../../transport/transport.ts";
import type { HostResult } from "../call/call.ts";
import { judgeCancelled, judgeObject } from "../result/host_result.ts";
import type { HostContext } from "../work/host_context.ts";
import { withinCall } from "../call/within_call.ts";

/** Does work with a connection until the call's deadline. */
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
        state: "The files were not there",
        hint: "Raise `timeoutMs`",
      }, (signal) => work(connection, signal));
      return judgeObject(object, context.callContext);
    } catch (error) {
      if (!context.signal.aborted) throw error;
      return judgeCancelled(context.callContext, "The run was cancelled");
    }
  });
}
