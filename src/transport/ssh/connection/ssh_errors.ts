// Translates the errors of ssh2, node:net and the host to a ConnectError: the
// phase that failed, the reason, and what to do. No other file parses them.
import { ConnectError, messageOf, type Phase } from "../../../errors.ts";
import { algorithmsIn, isPostQuantum } from "../../post_quantum.ts";
import type { Endpoint } from "../../transport.ts";
import { isBusyMessage } from "./greeting.ts";
import { NoCommonAlgorithm, ServerRefusal } from "../login/server_refusals.ts";
import { WireViolation } from "../guard/wire_reader.ts";

/** What is known of a failed attempt. */
export interface FailedAttempt {
  readonly endpoint: Endpoint;
  readonly phase: Phase;
  /** How many attempts were made, this one included. */
  readonly attempts: number;
  /** What the host sent instead of SSH. */
  readonly greeting?: string;
  /** What its proxy command wrote to stderr. */
  readonly stderr?: string;
}

/** RFC 4253, section 11.1. */
const TOO_MANY_CONNECTIONS = 12;

/** Reasons for not opening a channel (RFC 4254, section 5.1). */
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
 * True when another attempt may succeed: the host closed the connection before
 * it knew the user, or the bastion was short of resources.
 */
export function mayPass(
  error: unknown,
  phase: Phase,
  greeting: string,
): boolean {
  if (phase !== "connect" || !(error instanceof Error)) return false;
  if (reasonOf(error) === SHORTAGE) return true;
  return greeting === "" ? isDrop(error) : isBusyMessage(greeting);
}

function isDrop(error: unknown): boolean {
  return error instanceof Error && (DROPPED.has(codeOf(error)) ||
    error.message.startsWith("Connection lost"));
}

/** The error for a host that could not be reached. */
export function cannotConnect(
  cause: unknown,
  { endpoint, phase, attempts, greeting = "", stderr = "" }: FailedAttempt,
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
  if (isLost) {
    return fail(`the connection to its bastion was lost (${messageOf(cause)})`);
  }
  if (phase === "resolve") {
    return fail(
      `the name ${address} does not resolve`,
      "Check the spelling, or set another address with ansible_host or HostName in ssh_config",
    );
  }
  if (code === "ECONNREFUSED") {
    return fail(
      `${place} refused the connection`,
      "Check that an SSH server is running there and that the port is right",
    );
  }
  if (UNREACHABLE.has(code)) {
    return fail(
      `there is no route to ${address}`,
      "Check that the host is up and the address is right, or set its bastion (ProxyJump)",
    );
  }
  if (code === "ETIMEDOUT") return fail(`${place} did not answer`, SILENT);
  if (phase === "connect" && greeting !== "" && !isBusyMessage(greeting)) {
    return fail(
      `${place} does not speak SSH${sentText({ greeting, stderr })}`,
      proxyCommand === undefined ? "Check the port" : BY_HAND,
    );
  }
  if (phase === "connect" && (isDrop(cause) || greeting !== "")) {
    const times = attempts > 1 ? `, ${attempts} times` : "";
    const said = sentText({ greeting, stderr });
    return fail(
      `${place} closed the connection before the handshake${times}${said}`,
      proxyCommand === undefined
        ? "Check the limit of simultaneous logins (MaxStartups of sshd), firewalls on the way, and that this is an SSH server"
        : BY_HAND,
    );
  }
  if (reasonOf(cause) !== undefined) {
    const bastion = endpoint.jumps?.at(-1)?.name;
    const named = bastion === undefined
      ? "its bastion"
      : `its bastion ${bastion}`;
    const there = bastion ?? "it";
    const why = messageOf(cause).replace("(SSH) Channel open failure: ", "");
    return reasonOf(cause) === PROHIBITED
      ? fail(
        `${named} forwards no connection to ${server}: ${why}`,
        `Allow it in sshd_config on ${there} (AllowTcpForwarding, PermitOpen, DisableForwarding), or use another jump host`,
      )
      : fail(
        `${named} cannot connect to ${server}: ${why}`,
        `Check that the host is up, and that its address and port are right as seen from ${there}`,
      );
  }
  const { level } = cause as { level?: unknown };
  const unlike = differenceIn(cause);
  if (unlike !== undefined) return noneInCommon(endpoint, unlike, cause);
  if (proxyCommand !== undefined) return fail(messageOf(cause), BY_HAND);
  if (level === "client-socket") return fail(messageOf(cause));
  return fail(
    `the handshake failed: ${messageOf(cause)}`,
    cause instanceof WireViolation ? BROKEN : undefined,
  );
}

/** sshd_config(5), PerSourcePenalties: the defaults, in seconds. */
const PENALTY_S = { authfail: 5, min: 15, max: 600 } as const;

/** The error for a server that bans this machine for a while. */
export function explainBan(
  { endpoint: { name, address, port }, failures, greeting, cause }: {
    endpoint: Endpoint;
    /** How many connections to it did not lead to a login. */
    failures: number;
    greeting: string;
    cause: unknown;
  },
): ServerRefusal {
  const { authfail, min, max } = PENALTY_S;
  const server = `${address} port ${port}`;
  const said = JSON.stringify(greeting);
  const why = failures === 0
    ? `${server} admits no connection from here now; it sent ${said}. It bans this address (PerSourcePenalties), or too many logins are in progress (MaxStartups)`
    : `${server} bans this address for a while (PerSourcePenalties), after ${
      failures === 1 ? "a connection" : `${failures} connections`
    } that did not log in; it sent ${said}`;
  const seconds = Math.min(max, Math.max(min, failures * authfail));
  return new ServerRefusal(`Cannot reach ${name}: ${why}`, {
    mayPass: true,
    host: name,
    cause,
    hint:
      `Wait about ${seconds} s: by its defaults, sshd bans an address for ${min} s to ${
        max / 60
      } min after failed logins; then offer the right key alone (\`identityFiles\`, IdentitiesOnly)`,
  });
}

/** The hint for a host that sends nothing. */
const SILENT =
  "Check that the host is up and that no firewall drops the packets, or raise `connectTimeoutMs`";

/** The hint for a host that sends what ftl does not accept. */
const BROKEN =
  "Check which server is running there, or use the system's ssh with `transport` openssh, which may accept it";

const BY_HAND =
  "Run the ProxyCommand of ssh_config by hand: it must connect to an SSH server";

/** A list without a common entry, and what the server has in it. */
interface Difference {
  readonly list: string;
  readonly theirs: string | undefined;
}

/** Reads the messages of ssh2 and of `ssh`. */
function differenceIn(cause: unknown): Difference | undefined {
  const [, list, offer] = /no matching (.+?)(?: found\. Their offer: (.*))?$/
    .exec(messageOf(cause)) ?? [];
  if (list === undefined) return undefined;
  const { theirs = offer } = cause as { theirs?: string };
  return { list, theirs };
}

/** The lists, by the names that ssh2 and `ssh` have for them. */
const LISTS: readonly (readonly [RegExp, string, keyword: string])[] = [
  [/^key exchange/, "key exchange", "KexAlgorithms"],
  [/^host key/, "host key", "HostKeyAlgorithms"],
  [/cipher$/, "cipher", "Ciphers"],
  [/MAC$/, "MAC", "MACs"],
];

function noneInCommon(
  { name }: Endpoint,
  { list, theirs }: Difference,
  cause: unknown,
): NoCommonAlgorithm {
  const [, what = list, keyword = "the algorithms"] =
    LISTS.find(([pattern]) => pattern.test(list)) ?? [];
  const offer = theirs && algorithmsIn(theirs).join(", ").slice(0, 200);
  const has = offer === undefined ? "" : `; it has ${offer}`;
  const isNew = what === "key exchange" && isPostQuantum(theirs ?? "");
  return new NoCommonAlgorithm(
    `Cannot reach ${name}: it and ftl have no ${what} algorithm in common${has}`,
    {
      host: name,
      cause,
      required: `its ${isNew ? "post-quantum " : ""}${what}${
        offer === undefined ? "" : ` (${offer})`
      }`,
      hint:
        `Change ${keyword} in ssh_config, or use the system's ssh with \`transport\` openssh, which may support more`,
    },
  );
}

/** What a host and its proxy command said instead of SSH. */
function sentText(
  { greeting, stderr }: Required<Pick<FailedAttempt, "greeting" | "stderr">>,
): string {
  const sent = greeting === "" ? "" : `; it sent ${JSON.stringify(greeting)}`;
  const errors = stderr === "" ? "" : `; its stderr: ${JSON.stringify(stderr)}`;
  return sent + errors;
}

/** The error for an attempt that took too long, with the phase it was in. */
export function timedOut(
  { endpoint, phase, timeoutMs, greeting = "", stderr = "" }:
    & Omit<FailedAttempt, "attempts">
    & {
      timeoutMs: number;
    },
): ConnectError {
  const { name, address, port, proxyCommand } = endpoint;
  const place = proxyCommand === undefined
    ? `${address} port ${port}`
    : "the proxy command";
  const said = sentText({
    greeting,
    stderr: phase === "connect" ? stderr : "",
  });
  const pending: Partial<Record<Phase, readonly [string, string]>> = {
    resolve: [
      `the name ${address} was not resolved`,
      "Check the name servers of this machine",
    ],
    auth: [
      `${place} did not finish the login of ${endpoint.user}`,
      "Raise `connectTimeoutMs`, or check whether the host waits for a name server (UseDNS of sshd)",
    ],
  };
  const [what, hint] = pending[phase] ?? [`${place} did not answer`, SILENT];
  return new ConnectError(
    `Cannot reach ${name}: ${what} within ${timeoutMs / 1000} s${said}`,
    { phase, host: name, hint, mayPass: true },
  );
}

/** The error for an open connection that has ended. */
export function lostConnection(cause: unknown, host: string): ConnectError {
  const { level } = (cause ?? {}) as { level?: unknown };
  const isSilent = level === "client-timeout";
  // A host's last message may have 32 kB.
  const said = cause instanceof Error ? `: ${cause.message.slice(0, 400)}` : "";
  const reason = isSilent ? ": it stopped responding" : said;
  return new ConnectError(`Lost the connection to ${host}${reason}`, {
    phase: "call",
    host,
    hint: isSilent
      ? "Raise ServerAliveInterval or ServerAliveCountMax in ssh_config if the host is only slow"
      : undefined,
    cause,
  });
}

/** True when a host refused a command because too many are running. */
export function isFull(error: unknown): boolean {
  if (!(error instanceof ConnectError)) return false;
  const { cause } = error;
  return cause instanceof Error && "reason" in cause;
}

/** The error for a host that refused to start a command. */
export function channelRefused(cause: Error, host: string): ConnectError {
  const { reason } = cause as { reason?: unknown };
  const opened = reason === undefined;
  const text = opened
    ? "the host refused the request"
    : `the host did not open a channel (${cause.message})`;
  return new ConnectError(`Cannot start a command on ${host}: ${text}`, {
    phase: "start",
    host,
    hint: opened
      ? undefined
      : "Raise the number of sessions on one connection (MaxSessions of sshd)",
    cause,
  });
}

/** The error for a host that did not answer whether it starts a command. */
export function startOverdue(host: string, ms: number): ConnectError {
  return new ConnectError(
    `Cannot start a command on ${host}: it did not answer within ${
      ms / 1000
    } s; nothing was started there`,
    {
      phase: "start",
      host,
      hint:
        "Log in by hand to see what a session of this account waits for (PAM on the host), or raise `connectTimeoutMs`",
    },
  );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** The number that RFC 4254 gives for a channel that was not opened. */
function reasonOf(error: unknown): unknown {
  return error instanceof Error && "reason" in error ? error.reason : undefined;
}
