// The one place where what `ssh` says becomes a ConnectError, in the words that
// the other transport has for the same. Its messages are not translated by it,
// and have been the same for many years.
import { ConnectError, type Phase } from "../../errors.ts";
import { cannotConnect } from "../ssh/ssh_errors.ts";
import type { Endpoint } from "../transport.ts";

/** What is known of an `ssh` that has ended before it had logged in. */
export interface FailedStart {
  readonly endpoint: Endpoint;
  readonly phase: Phase;
  /** What it has said to people, line by line. */
  readonly said: readonly string[];
  /** What it has told of its work. */
  readonly told: readonly string[];
}

/** What a system call failed with, as OpenSSH prints it. */
const CODES: readonly (readonly [RegExp, string])[] = [
  [/Connection refused/, "ECONNREFUSED"],
  [/No route to host|Host is down/, "EHOSTUNREACH"],
  [/Network is (unreachable|down)|Cannot assign requested/, "ENETUNREACH"],
  [/(Connection|Operation) timed out/, "ETIMEDOUT"],
];

/**
 * Says why `ssh` could not log in. Where the host let go before it knew who
 * came, the error is node:net's for the same, which is worth another try.
 */
export function startFailure(failed: FailedStart): Error {
  const text = failed.said.join("\n");
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

/** A host on the way that did not let us through, or a command in its place. */
function wayFailure(
  text: string,
  { endpoint: { name }, phase, said, told }: FailedStart,
): ConnectError | undefined {
  if (phase !== "connect") return undefined;
  const fail = (phase: Phase, reason: string) =>
    new ConnectError(`Cannot reach ${name}: ${reason}`, { phase, host: name });
  const denied = /^.*Permission denied \(.*$/m.exec(text)?.[0];
  if (denied) return fail("auth", `a host on the way said: ${denied}`);
  const untrusted =
    /^(No .* host key is known for .*|Host key verification failed.*|.*HOST IDENTIFICATION HAS CHANGED.*)$/m
      .exec(text)?.[0];
  if (untrusted) return fail("hostkey", `a host on the way: ${untrusted}`);
  const isCommand =
    told.some((line) => /^Executing proxy command/.test(line)) &&
    !told.some((line) => /^Setting implicit Proxy/.test(line));
  if (!isCommand) return undefined;
  // The last line is ssh's own, about a banner that did not come.
  const words = said.filter((line) =>
    !/UNKNOWN port|identification/.test(line)
  );
  return fail(
    "connect",
    `the proxy command gave no connection${
      words.length === 0 ? "" : `: ${words.join("; ")}`
    }`,
  );
}

/** What carries the connection: a socket, or a host on the way. */
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
    return cannotConnect(
      Object.assign(new Error(refused), { reason: 2 }),
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
    : cannotConnect(new Error(theirs), { endpoint, phase, attempts: 1 });
}

function hostKeyFailure(
  text: string,
  { endpoint: { name, address, port }, told }: FailedStart,
): ConnectError | undefined {
  const fail = (reason: string, hint: string) =>
    new ConnectError(`Cannot trust ${name}: ${reason}`, {
      phase: "hostkey",
      host: name,
      hint,
    });
  const [, shownKey] =
    told.map((line) => /^Server host (?:key|certificate): (\S+ \S+)/.exec(line))
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
      "Somebody else may have this key; do not connect before the host has a new one",
    );
  }
  if (/HOST IDENTIFICATION HAS CHANGED/.test(text)) {
    return fail(
      `its ${shown} is not the one in ${place ?? "known_hosts"}`,
      `Somebody may stand in between; if the host was set up anew, remove that line with: ssh-keygen -R '${knownName}'${
        place === undefined ? "" : ` -f '${place.replace(/:\d+$/, "")}'`
      }`,
    );
  }
  if (invalid !== undefined) {
    return fail(
      `its certificate is not valid: ${invalid}`,
      "The authority of the hosts must sign its key anew (ssh-keygen -h -s)",
    );
  }
  if (!/Host key verification failed|host key is known/.test(text)) {
    return undefined;
  }
  return fail(
    `its ${shown} is not in known_hosts`,
    `Compare the fingerprint at the host itself; then use --host-keys accept-new once, or add what this prints to known_hosts: ssh-keyscan ${scan}`,
  );
}

/** What ssh cannot read, or does not know. */
function settingsFailure(
  text: string,
  { endpoint: { name } }: FailedStart,
): ConnectError | undefined {
  const line =
    /^.*(Bad configuration option|[Uu]nsupported option|Bad owner or permissions|: Bad |keyword \S+ extra arguments|missing argument).*$/m
      .exec(text)?.[0];
  if (line === undefined) return undefined;
  return new ConnectError(`Cannot reach ${name}: ssh said: ${line}`, {
    phase: "resolve",
    host: name,
  });
}

function loginFailure(
  text: string,
  { endpoint: { name, user, openssh }, phase, said, told }: FailedStart,
): ConnectError | undefined {
  const [, accepted] = /Permission denied \(([^)]*)\)/.exec(text) ?? [];
  const hungUp = /Too many authentication failures/.exec(text)?.[0];
  if (accepted === undefined && phase !== "auth") return undefined;
  const takesKeys = accepted?.includes("publickey") ?? true;
  const { locked, offered } = keysIn(told, text);
  const as = openssh?.user ?? user;
  const unusable = said.map((line) =>
    /^(Load key .*|Warning: Identity file .*|.*UNPROTECTED.*|.*agent refused.*|Error loading .*|.*PKCS.*)$/
      .exec(line)?.[0].replace(/^Warning: /, "")
  ).filter((line) => line !== undefined);
  const reasons = [
    ...(accepted === undefined
      ? [`the host closed the connection (${hungUp ?? lastOf(text)})`]
      : []),
    ...(offered.length > 0
      ? [`it refused ${offered.join(", ")}`]
      : unusable.length + locked.length > 0
      ? []
      : [takesKeys ? "there was no key to offer" : "it takes no keys"]),
    ...unusable,
    ...locked.map((file) => `${file} cannot sign: it needs a passphrase`),
  ];
  const { reason } = openssh ?? {};
  const why = reason === undefined ? "" : `, used for ${reason},`;
  const advice = locked.length > 0
    ? `the system's ssh${why} asks nobody: give the key to an agent (ssh-add ${
      locked[0]
    })${reason === undefined ? ", or use -c ssh, which asks" : ""}`
    : /password|keyboard/.test(accepted ?? "")
    ? `the system's ssh${why} asks nobody and is given no password (-k, ansible_password): add a key to an agent (ssh-add), or use -c ssh`
    : offered.length > 0
    ? "is the user right (-u), and the key in authorized_keys there? --private-key names another"
    : "name a key with --private-key, or give one to the agent with ssh-add";
  const hint = accepted === undefined
    ? undefined
    : `The host accepts: ${accepted}; ${advice}`;
  return new ConnectError(
    `Cannot log in to ${name} as ${as}: ${reasons.join("; ")}`,
    { phase: "auth", host: name, hint },
  );
}

/**
 * The keys that the host has refused, and those that need a passphrase: it would
 * have taken them; or there is no public half of them to offer, and nothing came
 * of trying (files that are there by chance may not be keys at all).
 */
function keysIn(told: readonly string[], text: string) {
  const all = (pattern: RegExp) =>
    told.map((line) => pattern.exec(line))
      .flatMap((match) => match ? [match[1]!] : []);
  const named = all(/^Will attempt key: (.+?) .*explicit/);
  const locked = all(/^Server accepts key: (.+?) \S+ SHA256:/);
  const offered = all(/^Offering public key: (.+?) \S+ SHA256:/)
    .filter((key) => !locked.includes(key));
  for (const [i, line] of told.entries()) {
    const [, key] = /^Trying private key: (.+)$/.exec(line) ?? [];
    if (key === undefined || !named.includes(key)) continue;
    if (/^Authentications that can/.test(told[i + 1] ?? "")) offered.push(key);
    else if (!text.includes(key)) locked.push(key);
  }
  return { locked, offered };
}

function otherFailure({ endpoint: { name }, phase, said }: FailedStart) {
  const last = said.at(-1);
  return new ConnectError(
    `Cannot reach ${name}: ${
      last === undefined ? "ssh ended without a word" : `ssh said: ${last}`
    }`,
    { phase, host: name },
  );
}

function lastOf(text: string): string {
  return text.slice(text.lastIndexOf("\n") + 1);
}
