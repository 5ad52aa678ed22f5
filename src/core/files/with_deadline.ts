// One host's part in a push or a fetch: from the connection to the one result,
// with the call's deadline over all that comes after the connection.
import type { JsonObject } from "../../protocol/message.ts";
import type { Connection } from "../../transport/transport.ts";
import type { HostResult } from "../call.ts";
import { judgeCancelled, judgeObject } from "../outcome/result.ts";
import type { Turn } from "../turn.ts";
import { withinCall } from "../within_call.ts";

/** Does work with a connection until the call's deadline. */
export function withDeadline(
  turn: Turn,
  work: (connection: Connection, signal: AbortSignal) => Promise<JsonObject>,
): Promise<HostResult> {
  return turn.use(async (host) => {
    const connection = await host.connection();
    turn.beginCall();
    try {
      const object = await withinCall({
        signal: turn.signal,
        timeoutMs: turn.timeoutMs,
        state: "The files were not there",
        hint: "--timeout gives them longer",
      }, (signal) => work(connection, signal));
      return judgeObject(object, turn.about);
    } catch (error) {
      if (!turn.signal.aborted) throw error;
      return judgeCancelled(turn.about, "The run was cancelled");
    }
  });
}
