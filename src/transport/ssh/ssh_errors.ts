// The one place where what ssh2, node:net and the host say becomes a
// ConnectError: which phase failed, in the user's words, and what to do.
import { ConnectError, messageOf, type Phase } from "../../errors.ts";
import type { Endpoint } from "../transport.ts";
import { saysBusy } from "./greeting.ts";
import { WireViolation } from "./wire_reader.ts";

/** What is known of a failed attempt. */
export interface FailedAttempt {
  readonly endpoint: Endpoint;
  readonly phase: Phase;
  /** How many attempts were made, this one included. */
  readonly attempts: number;
  /** What the host said instead of speaking SSH. */
  readonly greeting?: string;
}

/** RFC 4253, section 11.1. */
const TOO_MANY_CONNECTIONS = 12;

/** RFC 4254, section 5.1: why a channel was not opened. */
const PROHIBITED = 1;
const SHORTAGE = 4;

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

/**
 * True when the host let go before it knew who came, or the one before it was
 * short of means: worth another try.
 */
export function mayPass(
  error: unknown,
  phase: Phase,
  greeting: string,
): boolean {
  if (phase !== "connect" || !(error instanceof Error)) return false;
  if (reasonOf(error) === SHORTAGE) return true;
  return isDrop(error) && (greeting === "" || saysBusy(greeting));
}

function isDrop(error: unknown): boolean {
  return error instanceof Error && (DROPPED.has(codeOf(error)) ||
    error.message.startsWith("Connection lost"));
}

/** Says why a host could not be reached. */
export function cannotConnect(
  cause: unknown,
  { endpoint, phase, attempts, greeting = "" }: FailedAttempt,
): ConnectError {
  const isLost = cause instanceof ConnectError && cause.phase === "call";
  if (cause instanceof ConnectError && !isLost) return cause;
  const { name, address, port, proxyCommand } = endpoint;
  const server = `${address} port ${port}`;
  const place = proxyCommand === undefined ? server : "the proxy command";
  const code = codeOf(cause);
  const fail = (reason: string, hint?: string) =>
    new ConnectError(`Cannot reach ${name}: ${reason}`, {
      phase,
      host: name,
      hint,
      cause,
    });
  if (isLost) return fail(`the host before it was lost (${messageOf(cause)})`);
  if (phase === "resolve") {
    return fail(
      `the name ${address} does not resolve`,
      "Is it spelt right? ansible_host, or HostName in ssh_config, gives a host another address",
    );
  }
  if (code === "ECONNREFUSED") {
    return fail(
      `${place} refused the connection`,
      "Is an SSH server listening there, and is the port right?",
    );
  }
  if (UNREACHABLE.has(code)) {
    return fail(
      `there is no route to ${address}`,
      "Is the host up and the address right, or is it behind another host (ProxyJump)?",
    );
  }
  if (code === "ETIMEDOUT") return fail(`${place} did not answer`, SILENT);
  if (phase === "connect" && greeting !== "" && !saysBusy(greeting)) {
    return fail(
      `${server} does not speak SSH; it says ${JSON.stringify(greeting)}`,
      "Is the port right?",
    );
  }
  if (phase === "connect" && isDrop(cause)) {
    const times = attempts > 1 ? `, ${attempts} times` : "";
    const said = greeting === "" ? "" : ` (${JSON.stringify(greeting)})`;
    return fail(
      `${place} closed the connection before the handshake${times}${said}`,
      proxyCommand === undefined
        ? "Too many may be logging in at once (MaxStartups of sshd), a firewall may be in between, or this is no SSH server"
        : BY_HAND,
    );
  }
  if (reasonOf(cause) !== undefined) {
    const why = messageOf(cause).replace("(SSH) Channel open failure: ", "");
    return reasonOf(cause) === PROHIBITED
      ? fail(
        `the host before it may not connect to ${server}: ${why}`,
        "AllowTcpForwarding and PermitOpen in its sshd_config decide that",
      )
      : fail(
        `the host before it cannot connect to ${server}: ${why}`,
        "Is the host up, and are address and port right as seen from there?",
      );
  }
  const { level } = cause as { level?: unknown };
  const unlike = /no matching (.+)$/.exec(messageOf(cause))?.[1];
  if (unlike !== undefined) {
    return fail(
      `it and ftl have no ${unlike} in common`,
      `${KEYWORDS[unlike] ?? "ssh_config"} says what ftl offers; ` +
        "with -c openssh the system's ssh connects, which may know more",
    );
  }
  if (proxyCommand !== undefined) return fail(messageOf(cause), BY_HAND);
  if (level === "client-socket") return fail(messageOf(cause));
  return fail(
    `the handshake failed: ${messageOf(cause)}`,
    cause instanceof WireViolation ? BROKEN : undefined,
  );
}

/** What to look at when nothing comes from a host. */
const SILENT =
  "Is the host up, and does a firewall in between drop what is sent? --connect-timeout gives it longer";

/** What to do about a host that sends what ftl does not accept. */
const BROKEN =
  "Check what listens there; -c openssh connects with the system's ssh, which may accept it";

const BY_HAND =
  "Try it by hand: ProxyCommand of ssh_config has to pass on what an SSH server says";

/** Where the lists stand that ssh2 finds no match in. */
const KEYWORDS: Readonly<Record<string, string>> = {
  "key exchange algorithm": "KexAlgorithms in ssh_config",
  "host key format": "HostKeyAlgorithms in ssh_config",
  "C->S cipher": "Ciphers in ssh_config",
  "S->C cipher": "Ciphers in ssh_config",
  "C->S MAC": "MACs in ssh_config",
  "S->C MAC": "MACs in ssh_config",
};

/** Says that the time for connecting is over, and what it was spent on. */
export function timedOut(
  { endpoint, phase, timeoutMs, greeting = "" }:
    & Omit<FailedAttempt, "attempts">
    & {
      timeoutMs: number;
    },
): ConnectError {
  const { name, address, port, proxyCommand } = endpoint;
  const place = proxyCommand === undefined
    ? `${address} port ${port}`
    : "the proxy command";
  const said = greeting === "" ? "" : `; it says ${JSON.stringify(greeting)}`;
  const pending: Partial<Record<Phase, readonly [string, string]>> = {
    resolve: [
      `the name ${address} was not resolved`,
      "Do this machine's name servers answer?",
    ],
    auth: [
      `${place} had not let ${endpoint.user} in`,
      "--connect-timeout gives it longer; a slow name server on the host may be why (UseDNS of sshd)",
    ],
  };
  const [what, hint] = pending[phase] ?? [`${place} did not answer`, SILENT];
  return new ConnectError(
    `Cannot reach ${name}: ${what} within ${timeoutMs / 1000} s${said}`,
    { phase, host: name, hint, mayPass: true },
  );
}

/** Says that a connection ended that was open. */
export function lostConnection(cause: unknown, host: string): ConnectError {
  const { level } = (cause ?? {}) as { level?: unknown };
  const isSilent = level === "client-timeout";
  // A host's farewell may have 32 kB.
  const said = cause instanceof Error ? `: ${cause.message.slice(0, 400)}` : "";
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

/** Says that a host has not said whether it starts a command. */
export function startOverdue(host: string, ms: number): ConnectError {
  return new ConnectError(
    `Cannot start a command on ${host}: it has not answered for ${
      ms / 1000
    } s; nothing was begun there`,
    {
      phase: "start",
      host,
      hint:
        "Log in by hand to see what the account's sessions wait for (PAM on the host); --connect-timeout gives them longer",
    },
  );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** Why a channel was not opened. */
function reasonOf(error: unknown): unknown {
  return error instanceof Error && "reason" in error ? error.reason : undefined;
}
