// Translates the messages of `ssh` to a ConnectError, with the strings that the
// other transport has for the same failure. OpenSSH prints them in English only,
// and has not changed them for many years.
import { ConnectError, type Phase } from "../../errors.ts";
import { cannotConnect } from "../ssh/connection/ssh_errors.ts";
import type { Endpoint } from "../transport.ts";

/** What is known about an `ssh` that ended before it had logged in. */
export interface FailedStart {
  readonly endpoint: Endpoint;
  readonly phase: Phase;
  /** The lines that it printed for users. */
  readonly printed: readonly string[];
  /** The lines of its debug log. */
  readonly log: readonly string[];
}

/** Reasons for not opening a channel (RFC 4254, section 5.1). */
const PROHIBITED = 1;
const CONNECT_FAILED = 2;

/** Error codes of system calls, by the messages that OpenSSH prints. */
const CODES: readonly (readonly [RegExp, string])[] = [
  [/Connection refused/, "ECONNREFUSED"],
  [/No route to host|Host is down/, "EHOSTUNREACH"],
  [/Network is (unreachable|down)|Cannot assign requested/, "ENETUNREACH"],
  [/(Connection|Operation) timed out/, "ETIMEDOUT"],
];

/**
 * The error for an `ssh` that could not log in. If the host closed the
 * connection before it knew the user, this is the error of node:net for the
 * same, after which another attempt is made.
 */
export function startFailure(failed: FailedStart): Error {
  const text = failed.printed.join("\n");
  return nameFailure(text, failed) ??
    wayFailure(text, failed) ??
    carrierFailure(text, failed) ??
    hostKeyFailure(text, failed) ??
    settingsFailure(text, failed) ??
    loginFailure(text, failed) ??
    otherFailure(failed);
}

function nameFailure(text: string, { endpoint }: FailedStart) {
  const [, name] = /Could not resolve hostname ([^:]*):/.exec(text) ?? [];
  if (name === undefined) return undefined;
  return cannotConnect(new Error(text), {
    endpoint: { ...endpoint, address: name },
    phase: "resolve",
    attempts: 1,
  });
}

/** A bastion refused the login or is not trusted, or a proxy command failed. */
function wayFailure(
  text: string,
  { endpoint: { name }, phase, printed, log }: FailedStart,
): ConnectError | undefined {
  if (phase !== "connect") return undefined;
  const fail = (phase: Phase, reason: string) =>
    new ConnectError(`Cannot reach ${name}: ${reason}`, { phase, host: name });
  const denied = /^.*Permission denied \(.*$/m.exec(text)?.[0];
  if (denied) return fail("auth", `a bastion refused the login: ${denied}`);
  const untrusted =
    /^(No .* host key is known for .*|Host key verification failed.*|.*HOST IDENTIFICATION HAS CHANGED.*)$/m
      .exec(text)?.[0];
  if (untrusted) {
    return fail("hostkey", `a bastion is not trusted: ${untrusted}`);
  }
  const isCommand = log.some((line) => /^Executing proxy command/.test(line)) &&
    !log.some((line) => /^Setting implicit Proxy/.test(line));
  if (!isCommand) return undefined;
  // The last line is ssh's own, about a banner that did not arrive.
  const reasons = printed.filter((line) =>
    !/UNKNOWN port|identification/.test(line)
  );
  return fail(
    "connect",
    `the proxy command did not connect${
      reasons.length === 0 ? "" : `: ${reasons.join("; ")}`
    }`,
  );
}

/** The socket failed, or the bastion that carries the connection. */
function carrierFailure(
  text: string,
  { endpoint, phase }: FailedStart,
): Error | undefined {
  const [, host, port, why] =
    /connect to host (\S+) port (\d+): (.*)/.exec(text) ?? [];
  if (why !== undefined) {
    const place = { ...endpoint, address: host!, port: Number(port) };
    const code = CODES.find(([pattern]) => pattern.test(why))?.[1];
    return cannotConnect(
      Object.assign(new Error(why), { code, level: "client-socket" }),
      { endpoint: place, phase: "connect", attempts: 1 },
    );
  }
  const [, refused] = /open failed: (?:connect failed: )?(.*)/.exec(text) ?? [];
  if (refused !== undefined && /stdio forwarding failed/.test(text)) {
    const reason = /administratively prohibited/.test(refused)
      ? PROHIBITED
      : CONNECT_FAILED;
    return cannotConnect(
      Object.assign(new Error(refused), { reason }),
      { endpoint, phase: "connect", attempts: 1 },
    );
  }
  const dropped =
    /exchange_identification|^Connection (closed|reset) by|Not allowed at this time/m;
  if (phase === "connect" && dropped.test(text)) {
    return Object.assign(new Error(lastOf(text)), { code: "ECONNRESET" });
  }
  const [, theirs] = /Unable to negotiate with [^:]*: (.*)/.exec(text) ?? [];
  return theirs === undefined
    ? undefined
    : cannotConnect(new Error(theirs.trim()), { endpoint, phase, attempts: 1 });
}

function hostKeyFailure(
  text: string,
  { endpoint: { name, address, port }, log }: FailedStart,
): ConnectError | undefined {
  const fail = (reason: string, hint: string) =>
    new ConnectError(`Cannot trust ${name}: ${reason}`, {
      phase: "hostkey",
      host: name,
      hint,
    });
  const [, shownKey] =
    log.map((line) => /^Server host (?:key|certificate): (\S+ \S+)/.exec(line))
      .findLast((match) => match !== null) ?? [];
  const shown = shownKey === undefined
    ? "key"
    : shownKey.replace(" ", " key ").replace(/,$/, "");
  const scan = port === 22 ? address : `-p ${port} ${address}`;
  const knownName = port === 22 ? address : `[${address}]:${port}`;
  const [, place] = /^Offending .* in (.*:\d+)$/m.exec(text) ?? [];
  const [, invalid] = /^Certificate invalid: (.*)$/m.exec(text) ?? [];
  if (/REVOKED HOST KEY|marked as revoked/.test(text)) {
    return fail(
      `its ${shown} is marked as revoked`,
      "Do not connect until the host has a new key: this one may have been stolen",
    );
  }
  if (/HOST IDENTIFICATION HAS CHANGED/.test(text)) {
    return fail(
      `its ${shown} is not the one in ${place ?? "known_hosts"}`,
      `Find out why: another machine may answer in its place; if the host was reinstalled, remove that line with: ssh-keygen -R '${knownName}'${
        place === undefined ? "" : ` -f '${place.replace(/:\d+$/, "")}'`
      }`,
    );
  }
  if (invalid !== undefined) {
    return fail(
      `its certificate is not valid: ${invalid}`,
      "Have the authority sign the key of the host again (ssh-keygen -h -s)",
    );
  }
  if (!/Host key verification failed|host key is known/.test(text)) {
    return undefined;
  }
  return fail(
    `its ${shown} is not in known_hosts`,
    "Compare the fingerprint at the host itself; then use `hostKeys` accept-new once, " +
      `or add the output of this command to known_hosts: ssh-keyscan ${scan}`,
  );
}

/** ssh_config has a line that ssh cannot read or does not know. */
function settingsFailure(
  text: string,
  { endpoint: { name } }: FailedStart,
): ConnectError | undefined {
  const line =
    /^.*(Bad configuration option|[Uu]nsupported option|Bad owner or permissions|: Bad |keyword \S+ extra arguments|missing argument).*$/m
      .exec(text)?.[0];
  if (line === undefined) return undefined;
  return new ConnectError(`Cannot reach ${name}: ssh printed: ${line}`, {
    phase: "resolve",
    host: name,
  });
}

function loginFailure(
  text: string,
  { endpoint: { name, user, openssh }, phase, printed, log }: FailedStart,
): ConnectError | undefined {
  const [, accepted] = /Permission denied \(([^)]*)\)/.exec(text) ?? [];
  const tooMany = /Too many authentication failures/.exec(text)?.[0];
  if (accepted === undefined && phase !== "auth") return undefined;
  const takesKeys = accepted?.includes("publickey") ?? true;
  const keys = keysIn(log, text);
  // A host that hung up may have done so before it refused a key, or saw it signed.
  const hasVerdict = accepted !== undefined || tooMany !== undefined;
  const locked = hasVerdict ? keys.locked : [];
  const offered = hasVerdict ? keys.offered : [...keys.offered, ...keys.locked];
  const as = openssh?.user ?? user;
  const unusable = printed.map((line) =>
    /^(Load key .*|Warning: Identity file .*|.*UNPROTECTED.*|.*agent refused.*|Error loading .*|.*PKCS.*)$/
      .exec(line)?.[0].replace(/^Warning: /, "")
  ).filter((line) => line !== undefined);
  const reasons = [
    ...(accepted === undefined
      ? [`the host closed the connection (${tooMany ?? lastOf(text)})`]
      : []),
    ...(offered.length > 0
      ? [
        `${hasVerdict ? "it refused" : "it was offered"} ${offered.join(", ")}`,
      ]
      : unusable.length + locked.length > 0
      ? []
      : !hasVerdict
      ? ["it had not been offered a key"]
      : [takesKeys ? "there was no key to offer" : "it takes no keys"]),
    ...unusable,
    ...locked.map((file) => `${file} cannot sign: it needs a passphrase`),
  ];
  const { reason } = openssh ?? {};
  const why = reason === undefined ? "" : `, used for ${reason},`;
  const advice = locked.length > 0
    ? `Add the key to an agent (ssh-add ${locked[0]})${
      reason === undefined
        ? ", or use `transport` ssh, which asks for the passphrase"
        : ""
    }; the system's ssh${why} cannot ask`
    : /password|keyboard/.test(accepted ?? "")
    ? "Add a key to an agent (ssh-add), or use `transport` ssh; " +
      `the system's ssh${why} cannot ask and gets no password (\`password\`, ansible_password)`
    : offered.length > 0
    ? "Check the user (`user`) and its authorized_keys on the host, or name another key with `identityFiles`"
    : "Name a key with `identityFiles`, or add one to the agent with ssh-add";
  const hint = accepted === undefined
    ? undefined
    : `${advice}; the host accepts ${accepted.replaceAll(",", ", ")}`;
  return new ConnectError(
    `Cannot log in to ${name} as ${as}: ${reasons.join("; ")}`,
    { phase: "auth", host: name, hint },
  );
}

/**
 * The keys that the host has refused, and those that need a passphrase: the host
 * accepted their public key, or they have no public key to offer and could not be
 * read (only files that the user named: others may not be keys at all).
 */
function keysIn(log: readonly string[], text: string) {
  const all = (pattern: RegExp) =>
    log.map((line) => pattern.exec(line))
      .flatMap((match) => match ? [match[1]!] : []);
  const named = all(/^Will attempt key: (.+?) .*explicit/);
  const locked = all(/^Server accepts key: (.+?) \S+ SHA256:/);
  const offered = all(/^Offering public key: (.+?) \S+ SHA256:/)
    .filter((key) => !locked.includes(key));
  for (const [i, line] of log.entries()) {
    const [, key] = /^Trying private key: (.+)$/.exec(line) ?? [];
    if (key === undefined || !named.includes(key)) continue;
    if (/^Authentications that can/.test(log[i + 1] ?? "")) offered.push(key);
    else if (!text.includes(key)) locked.push(key);
  }
  return { locked, offered };
}

function otherFailure({ endpoint: { name }, phase, printed }: FailedStart) {
  const last = printed.at(-1);
  return new ConnectError(
    `Cannot reach ${name}: ${
      last === undefined ? "ssh ended silently" : `ssh printed: ${last}`
    }`,
    { phase, host: name },
  );
}

function lastOf(text: string): string {
  return text.slice(text.lastIndexOf("\n") + 1);
}
