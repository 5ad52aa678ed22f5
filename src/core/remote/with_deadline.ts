// One host's part in a push or a fetch: from the connection to the one result,
// with the call's deadline over all that comes after the connection.
import { hintText } from "../../errors.ts";
import type { JsonObject } from "../../protocol/message.ts";
import type { Connection } from "../../transport/transport.ts";
import type { HostResult } from "../call/call.ts";
import {
  judgeCancelled,
  judgeObject,
  judgeOverdue,
} from "../result/host_result.ts";
import type { HostContext } from "../work/host_context.ts";

/** Does work with a connection until the call's deadline. */
export function withDeadline(
  turn: HostContext,
  work: (connection: Connection, signal: AbortSignal) => Promise<JsonObject>,
): Promise<HostResult> {
  return turn.use(async (host) => {
    const connection = await host.connection();
    turn.beginCall();
    const overdue = new AbortController();
    const timer = setTimeout(() => overdue.abort(), turn.timeoutMs);
    const signal = AbortSignal.any([turn.signal, overdue.signal]);
    try {
      const object = await work(connection, signal);
      return judgeObject(object, turn.about);
    } catch (error) {
      if (turn.signal.aborted) {
        return judgeCancelled(turn.about, "The run was cancelled");
      }
      if (!overdue.signal.aborted) throw error;
      const seconds = turn.timeoutMs / 1000;
      const result = judgeOverdue(
        turn.about,
        `The files were not there by the deadline of ${seconds} s`,
      );
      result.error!.hint = hintText("Raise `timeoutMs`");
      return result;
    } finally {
      clearTimeout(timer);
    }
  });
}
