// Decides whether the key that a host shows is its own. What is not known for
// certain is refused, unless the user has said otherwise.
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { ConnectError } from "../../errors.ts";
import {
  type HostKey,
  type KeyVerdict,
  type KnownHosts,
  type KnownHostsLine,
  knownHostsName,
} from "../known_hosts/known_hosts.ts";
import type { Endpoint, HostKeyPolicy } from "../transport.ts";

/**
 * Judges the key that a host shows. At once: ssh2 hangs when the answer comes
 * after the packet that follows the key.
 *
 * @returns what must be added to known_hosts: a line, under `accept-new`.
 * @throws {ConnectError} phase `hostkey`, when the key must not be trusted.
 */
export function judgeHostKey(
  endpoint: Endpoint,
  blob: Uint8Array,
  { knownHosts, policy }: { knownHosts: KnownHosts; policy: HostKeyPolicy },
): string | undefined {
  if (policy === "off") return undefined;
  const { address, port } = knownAs(endpoint);
  const key = { type: keyType(blob), blob };
  const verdict = knownHosts.check(address, port, key);
  if (verdict.verdict === "known") return undefined;
  const isNew = verdict.verdict === "unknown" && verdict.others.length === 0;
  if (policy !== "accept-new" || !isNew) throw refusal(endpoint, key, verdict);
  const base64 = Buffer.from(blob).toString("base64");
  return `${knownHostsName(address, port)} ${key.type} ${base64}`;
}

/** The name that OpenSSH shows a key by: `SHA256:…`. */
export function fingerprint(blob: Uint8Array): string {
  const hash = createHash("sha256").update(blob).digest("base64");
  return `SHA256:${hash.replace(/=+$/, "")}`;
}

/** A key in wire format opens with its type, as a string with its length. */
function keyType(blob: Uint8Array): string {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  const length = bytes.length < 4 ? 0 : bytes.readUInt32BE(0);
  return bytes.subarray(4, 4 + length).toString("latin1");
}

/** Where known_hosts has a host: an alias stands for its address and port. */
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
  const shown = `${key.type} key ${fingerprint(key.blob)}`;
  const known = knownAs(endpoint);
  const knownName = knownHostsName(known.address, known.port);
  const scan = port === 22 ? address : `-p ${port} ${address}`;
  const fail = (message: string, hint: string) =>
    new ConnectError(`Cannot trust ${name}: ${message}`, {
      phase: "hostkey",
      host: name,
      hint,
    });
  switch (verdict.verdict) {
    case "revoked":
      return fail(
        `its ${shown} is marked as revoked in ${at(verdict)}`,
        "Somebody else may have this key; do not connect before the host has a new one",
      );
    case "changed":
      return fail(
        `its ${shown} is not the one in ${at(verdict)}`,
        `Somebody may stand in between; if the host was set up anew, remove that line with: ssh-keygen -R '${knownName}' -f '${verdict.file}'`,
      );
    case "known":
      throw new TypeError("A key that is known is not refused");
    case "unknown":
      break;
  }
  const { others: [other], authority } = verdict;
  if (authority) {
    return fail(
      `its ${shown} is not in known_hosts, where ${
        at(authority)
      } trusts an authority`,
      "The system's ssh can check what an authority has signed: -c openssh",
    );
  }
  if (other) {
    return fail(
      `its ${shown} is not known, and ${
        at(other)
      } has a key of type ${other.type}`,
      `Compare the fingerprint at the host itself; then add what this prints to known_hosts: ssh-keyscan ${scan}`,
    );
  }
  return fail(
    `its ${shown} is not in known_hosts`,
    `Compare the fingerprint at the host itself; then use --host-keys accept-new once, or add what this prints to known_hosts: ssh-keyscan ${scan}`,
  );
}

function at({ file, line }: KnownHostsLine): string {
  return line === 0 ? file : `${file}:${line}`;
}
