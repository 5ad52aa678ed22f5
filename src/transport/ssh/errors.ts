// The one place where what ssh2, node:net and the host say becomes a
// ConnectError: which phase failed, in the user's words, and what to do.
import { ConnectError, type Phase } from "../../errors.ts";
import type { Endpoint } from "../transport.ts";

/** What is known of a failed attempt. */
export interface FailedAttempt {
  readonly endpoint: Endpoint;
  readonly phase: Phase;
  /** How many attempts were made, this one included. */
  readonly attempts: number;
}

/** RFC 4253, section 11.1. */
const TOO_MANY_CONNECTIONS = 12;

const UNREACHABLE: ReadonlySet<unknown> = new Set([
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "EADDRNOTAVAIL",
]);

const DROPPED: ReadonlySet<unknown> = new Set([
  "ECONNRESET",
  "EPIPE",
  TOO_MANY_CONNECTIONS,
]);

/** True when the host let go before it knew who came: worth another try. */
export function isDrop(error: unknown, phase: Phase): boolean {
  if (phase !== "connect" || !(error instanceof Error)) return false;
  return DROPPED.has(codeOf(error)) ||
    error.message.startsWith("Connection lost");
}

/** Says why a host could not be reached. */
export function cannotConnect(
  cause: unknown,
  { endpoint, phase, attempts }: FailedAttempt,
): ConnectError {
  if (cause instanceof ConnectError) return cause;
  const { name, address, port } = endpoint;
  const place = `${address} port ${port}`;
  const code = codeOf(cause);
  const fail = (reason: string, hint?: string) =>
    new ConnectError(`Cannot reach ${name}: ${reason}`, {
      phase,
      host: name,
      hint,
      cause,
    });
  if (phase === "resolve") return fail(`the name ${address} does not resolve`);
  if (code === "ECONNREFUSED") {
    return fail(
      `${place} refused the connection`,
      "Is an SSH server listening there, and is the port right?",
    );
  }
  if (UNREACHABLE.has(code)) return fail(`there is no route to ${address}`);
  if (code === "ETIMEDOUT") return fail(`${place} did not answer`);
  if (isDrop(cause, phase)) {
    const times = attempts > 1 ? `, ${attempts} times` : "";
    return fail(
      `${place} closed the connection before the handshake${times}`,
      "Too many may be logging in at once (MaxStartups of sshd), a firewall may be in between, or this is no SSH server",
    );
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  const { reason, level } = cause as { reason?: unknown; level?: unknown };
  if (reason !== undefined) {
    const why = message.replace("(SSH) Channel open failure: ", "");
    return fail(`the host before it cannot connect to ${place}: ${why}`);
  }
  if (level === "client-socket") return fail(message);
  return fail(`the handshake failed: ${message}`);
}

/** Says that the time for connecting is over, and what it was spent on. */
export function timedOut(
  { endpoint, phase, timeoutMs }: {
    endpoint: Endpoint;
    phase: Phase;
    timeoutMs: number;
  },
): ConnectError {
  const { name, address, port } = endpoint;
  const place = `${address} port ${port}`;
  const pending: Partial<Record<Phase, string>> = {
    resolve: `the name ${address} was not resolved`,
    hostkey: `the key of ${place} was not judged`,
    auth: `${place} had not let ${endpoint.user} in`,
  };
  const what = pending[phase] ?? `${place} did not answer`;
  return new ConnectError(
    `Cannot reach ${name}: ${what} within ${timeoutMs / 1000} s`,
    { phase, host: name },
  );
}

/** Says that a connection ended that was open. */
export function lostConnection(cause: unknown, host: string): ConnectError {
  const { level } = (cause ?? {}) as { level?: unknown };
  const isSilent = level === "client-timeout";
  const said = cause instanceof Error ? `: ${cause.message}` : "";
  const reason = isSilent ? ": it gave no sign of life" : said;
  return new ConnectError(`Lost the connection to ${host}${reason}`, {
    phase: "call",
    host,
    hint: isSilent
      ? "ServerAliveInterval and ServerAliveCountMax in ssh_config say how long a host may be silent"
      : undefined,
    cause,
  });
}

/** True when a host would not start a command because too many run already. */
export function isFull(error: unknown): boolean {
  if (!(error instanceof ConnectError)) return false;
  const { cause } = error;
  return cause instanceof Error && "reason" in cause;
}

/** Says why a host would not start a command. */
export function channelRefused(cause: Error, host: string): ConnectError {
  const { reason } = cause as { reason?: unknown };
  const opened = reason === undefined;
  const text = opened
    ? "the host refused the request"
    : `the host opened no channel (${cause.message})`;
  return new ConnectError(`Cannot start a command on ${host}: ${text}`, {
    phase: "start",
    host,
    hint: opened
      ? undefined
      : "A host allows a number of sessions on one connection (MaxSessions of sshd)",
    cause,
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
