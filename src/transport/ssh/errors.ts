// The one place where what ssh2, node:net and the host say becomes a
// ConnectError: which phase failed, in the user's words, and what to do.
import { isIP } from "node:net";
import { ConnectError, type Phase } from "../../errors.ts";
import type { Endpoint } from "../transport.ts";

/** True when the host let go before it knew who came: worth another try. */
export function isDrop(error: unknown, phase: Phase): boolean {
  if (phase !== "connect" || !(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return code === "ECONNRESET" || code === "EPIPE" ||
    code === TOO_MANY_CONNECTIONS ||
    error.message.startsWith("Connection lost");
}

/** RFC 4253, section 11.1. */
const TOO_MANY_CONNECTIONS = 12;

/** Says why a host could not be reached. */
export function cannotConnect(
  cause: unknown,
  { endpoint, phase, attempts }: {
    endpoint: Endpoint;
    phase: Phase;
    attempts: number;
  },
): ConnectError {
  if (cause instanceof ConnectError) return cause;
  const { name, address, port } = endpoint;
  const place = `${address} port ${port}`;
  const fail = (reason: string, hint?: string, at: Phase = phase) =>
    new ConnectError(
      `Cannot ${at === "auth" ? "log in to" : "reach"} ${name}: ${reason}`,
      { phase: at, host: name, hint, cause },
    );
  const message = cause instanceof Error ? cause.message : String(cause);
  const { code, level } = cause as { code?: unknown; level?: unknown };
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NODATA":
    case "EAI_NONAME":
      return fail(
        `the name ${address} cannot be resolved`,
        undefined,
        "resolve",
      );
    case "ECONNREFUSED":
      return fail(
        `${place} refused the connection`,
        "Is an SSH server listening there, and is the port right?",
      );
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EHOSTDOWN":
      return fail(`there is no route to ${address}`);
    case "ETIMEDOUT":
      return fail(`${place} did not answer`);
  }
  if (level === "handshake") return fail(`the handshake failed: ${message}`);
  if (phase !== "connect") return fail(message);
  if (!isDrop(cause, phase)) return fail(message);
  const times = attempts > 1 ? `, ${attempts} times` : "";
  return fail(
    `${place} closed the connection before the handshake${times}`,
    "Too many may be logging in at once (MaxStartups of sshd), or a firewall or hosts.deny keeps you out",
  );
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
  const place = isIP(address) === 6
    ? `[${address}]:${port}`
    : `${address}:${port}`;
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
