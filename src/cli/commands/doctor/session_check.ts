// Checks the sessions of this user: whether they answer, and what they hold.
import type { SessionStatus } from "../../../core/session/session_messages.ts";
import { connectToSessions } from "../../../core/session/find_sessions.ts";
import { clientHello } from "../../input/command_sessions.ts";
import type { Context } from "../context.ts";
import { type Check, count, failed } from "./check.ts";

/** Checks that open sessions can be used. */
export async function checkSessions(context: Context): Promise<Check> {
  const name = "sessions";
  try {
    const hello = await clientHello({}, context);
    const { clients, unusable } = await connectToSessions(hello);
    let hosts = 0;
    for (const client of clients) {
      hosts += (await client.ask<SessionStatus>("Status", {})).hosts.length;
      client.close();
    }
    const found = clients.length === 0
      ? "None is open"
      : `${count(clients.length, "session")} with ${count(hosts, "open host")}`;
    if (unusable.length === 0) return { name, verdict: "ok", found };
    return {
      name,
      verdict: "warn",
      found: unusable.map(({ place, why }) =>
        `${place.name} cannot be used: ${why}`
      ).join("; "),
      remedy: `End it with ftl close ${unusable[0]!.place.name}`,
    };
  } catch (error) {
    return failed(name, error);
  }
}
