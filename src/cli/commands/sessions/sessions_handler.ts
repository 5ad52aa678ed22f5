// `ftl sessions`: lists the sessions of this user on this machine.
import type { SessionStatus } from "../../../core/session/session_messages.ts";
import { formatDuration } from "../../../core/input/duration.ts";
import { escapeLine, toJsonText } from "../../../output/escape.ts";
import { connectToSessions } from "../../../core/session/find_sessions.ts";
import { clientHello } from "../../input/command_sessions.ts";
import { EXIT, warningText } from "../../process/exit_code.ts";
import type { Context } from "../context.ts";

/** The options of `ftl sessions`. */
export interface SessionsOptions {
  format?: "text" | "json";
}

/** A session in the list. */
type Listed = { readonly name: string } & SessionStatus;

/** Lists the sessions; resolves to the exit status. */
export async function handleSessions(
  { format }: SessionsOptions,
  context: Context,
): Promise<number> {
  const { clients, unusable } = await connectToSessions(
    await clientHello({}, context),
  );
  const listed: Listed[] = [];
  for (const client of clients) {
    const status = await client.ask<SessionStatus>("Status", {});
    listed.push({ name: client.name, ...status });
    client.close();
  }
  listed.sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { place, why } of unusable) {
    context.err(
      warningText(`The session ${place.name} cannot be used: ${why}`),
    );
  }
  context.out(
    format === "json"
      ? toJsonText(listed, 2) + "\n"
      : listed.length === 0
      ? "No session is open\n"
      : table(listed),
  );
  return EXIT.ok;
}

const HEADER = [
  "NAME",
  "HOSTS",
  "GATES",
  "CLIENTS",
  "CALLS",
  "AGE",
  "IDLE",
  "MEMORY",
  "PID",
];

function table(sessions: readonly Listed[]): string {
  const rows = [HEADER, ...sessions.map(rowOf)];
  const widths = HEADER.map((_, i) =>
    Math.max(...rows.map((row) => row[i]!.length))
  );
  return rows.map((row) =>
    row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd() + "\n"
  ).join("");
}

function rowOf(session: Listed): string[] {
  const { name, hosts, gates, clients, calls, pid } = session;
  return [
    escapeLine(name),
    ...[hosts.length, gates, clients, calls].map(String),
    ago(session.ageMs),
    `${ago(session.idleMs)} of ${formatDuration(session.idleLimitMs)}`,
    `${Math.round(session.memoryBytes / 1e6)} MB`,
    String(pid),
  ];
}

/** A time in its largest unit, rounded down. */
function ago(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}m` : `${Math.floor(minutes / 60)}h`;
}
