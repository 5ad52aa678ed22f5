// Decides whether the key that a host shows is the known one. Every other key is
// refused unless the policy allows it.
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { ConnectError } from "../../../errors.ts";
import {
  type HostKey,
  isNew,
  keyType,
  type KeyVerdict,
  type KnownHosts,
  type KnownHostsLine,
  knownHostsName,
} from "../../known_hosts/known_hosts.ts";
import type { Endpoint, HostKeyPolicy } from "../../transport.ts";

/** How far a host is trusted that ftl may connect to. */
export interface Trust {
  /** The line to add to known_hosts, under `accept-new`. */
  readonly newLine?: string;
  /**
   * Why the host must not be sent a password: its key is not the known one, and
   * only the policy `off` allows the connection.
   */
  readonly distrust?: string;
}

/**
 * Judges the key that a host shows. Synchronous: ssh2 hangs when the answer
 * comes after the packet that follows the key.
 *
 * @throws {ConnectError} phase `hostkey`, when the key must not be trusted.
 */
export function judgeHostKey(
  endpoint: Endpoint,
  blob: Uint8Array,
  { knownHosts, policy }: { knownHosts: KnownHosts; policy: HostKeyPolicy },
): Trust {
  const { address, port } = knownAs(endpoint);
  const key = { type: keyType(blob), blob };
  const verdict = knownHosts.check(address, port, key);
  if (verdict.verdict === "known") return {};
  // As in OpenSSH: `off` connects to a host whose key has changed, and sends no
  // password there.
  if (policy === "off") {
    return isNew(verdict) ? {} : { distrust: describe(key, verdict) };
  }
  if (policy !== "accept-new" || !isNew(verdict)) {
    throw refusal(endpoint, key, verdict);
  }
  const base64 = Buffer.from(blob).toString("base64");
  return { newLine: `${knownHostsName(address, port)} ${key.type} ${base64}` };
}

/** The fingerprint of a key as OpenSSH prints it: `SHA256:…`. */
export function fingerprint(blob: Uint8Array): string {
  const hash = createHash("sha256").update(blob).digest("base64");
  return `SHA256:${hash.replace(/=+$/, "")}`;
}

/** The address and port to look up in known_hosts; an alias replaces both. */
export function knownAs(
  { address, port, ssh }: Endpoint,
): { address: string; port: number } {
  const alias = ssh?.hostKeyAlias;
  return alias === undefined ? { address, port } : { address: alias, port: 22 };
}

function refusal(
  endpoint: Endpoint,
  key: HostKey,
  verdict: KeyVerdict,
): ConnectError {
  const { name, address, port } = endpoint;
  const reason = describe(key, verdict);
  const known = knownAs(endpoint);
  const knownName = knownHostsName(known.address, known.port);
  const scan = port === 22 ? address : `-p ${port} ${address}`;
  const fail = (hint: string) =>
    new ConnectError(`Cannot trust ${name}: ${reason}`, {
      phase: "hostkey",
      host: name,
      hint,
    });
  switch (verdict.verdict) {
    case "revoked":
      return fail(
        "Do not connect until the host has a new key: this one may have been stolen",
      );
    case "changed":
      return fail(
        `Find out why: another machine may answer in its place; if the host was reinstalled, remove that line with: ssh-keygen -R '${knownName}' -f '${verdict.file}'`,
      );
    case "known":
      throw new TypeError("A key that is known is not refused");
    case "unknown":
      break;
  }
  if (verdict.authority) {
    return fail(
      "Use `transport` openssh: the system's ssh checks the signatures of an authority",
    );
  }
  return fail(
    isNew(verdict)
      ? "Compare the fingerprint at the host itself; then use `hostKeys` accept-new once, " +
        `or add the output of this command to known_hosts: ssh-keyscan ${scan}`
      : `Compare the fingerprint at the host itself; then add the output of this command to known_hosts: ssh-keyscan ${scan}`,
  );
}

/** Why a key is not trusted, with file and line. */
function describe(key: HostKey, verdict: KeyVerdict): string {
  const shown = `its ${key.type} key ${fingerprint(key.blob)}`;
  if (verdict.verdict === "revoked") {
    return `${shown} is marked as revoked in ${at(verdict)}`;
  }
  if (verdict.verdict !== "unknown") {
    return `${shown} is not the one in ${at(verdict)}`;
  }
  const { others: [other], authority } = verdict;
  if (authority) {
    return `${shown} is not in known_hosts, where ${
      at(authority)
    } trusts an authority`;
  }
  return other
    ? `${shown} is not known, and ${at(other)} has a key of type ${other.type}`
    : `${shown} is not in known_hosts`;
}

function at({ file, line }: KnownHostsLine): string {
  return line === 0 ? file : `${file}:${line}`;
}
