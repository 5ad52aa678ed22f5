// The credentials that nats-server is tried with: an nkey, and the certificates of
// mutual TLS with an authority of their own.
import { join } from "@std/path";
import { needProgram } from "./need.ts";

/** Whether this machine can make certificates. */
export const opensslNeed = needProgram("openssl");

/** An nkey of a user (https://docs.nats.io, "NKey authentication"). */
export interface NatsKey {
  /** What the server knows: `U…`. */
  readonly user: string;
  /** What the client signs with: `SU…`. */
  readonly seed: string;
}

const SEED_PREFIX = 18 << 3;
const USER_PREFIX = 20 << 3;

/** Makes the key of a user. */
export async function makeNatsKey(): Promise<NatsKey> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, [
    "sign",
    "verify",
  ]) as CryptoKeyPair;
  const jwk = await crypto.subtle.exportKey("jwk", pair.privateKey);
  const bytes = (text: string) =>
    Uint8Array.fromBase64(text, { alphabet: "base64url" });
  return {
    user: encodeKey([USER_PREFIX], bytes(jwk.x!)),
    // The prefix of the user's keys follows that of seeds, bit by bit.
    seed: encodeKey(
      [SEED_PREFIX | USER_PREFIX >> 5, (USER_PREFIX & 31) << 3],
      bytes(jwk.d!),
    ),
  };
}

function encodeKey(prefix: readonly number[], key: Uint8Array): string {
  const body = [...prefix, ...key];
  const sum = crc16(body);
  return base32([...body, sum & 0xff, sum >> 8]);
}

/** CRC-16/XMODEM. */
function crc16(bytes: readonly number[]): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      sum = (sum << 1 ^ (sum & 0x8000 ? 0x1021 : 0)) & 0xffff;
    }
  }
  return sum;
}

/** RFC 4648, section 6, without padding. */
function base32(bytes: readonly number[]): string {
  let [bits, count, text] = [0, 0, ""];
  for (const byte of [...bytes, 0]) {
    bits = (bits << 8 | byte) & 0xfff;
    count += 8;
    for (; count >= 5; count -= 5) {
      text += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[bits >> count - 5 & 31];
    }
  }
  return text.slice(0, Math.ceil(bytes.length * 8 / 5));
}

/** The files of mutual TLS. */
export interface NatsCertificates {
  /** The authority that signed both. */
  readonly ca: string;
  readonly serverCert: string;
  readonly serverKey: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

/** Makes an authority, and certificates of a server at 127.0.0.1 and of a client. */
export async function makeCertificates(
  folder: string,
): Promise<NatsCertificates> {
  const path = (name: string) => join(folder, name);
  await openssl(
    ...["req", "-x509", "-subj", "/CN=ftl tests", "-days", "2"],
    ...newKey(path("ca.key")),
    ...["-out", path("ca.pem")],
  );
  await Deno.writeTextFile(
    path("extensions"),
    "subjectAltName=IP:127.0.0.1,DNS:localhost\n",
  );
  for (const name of ["server", "client"]) {
    await openssl(
      ...["req", "-subj", `/CN=${name}`, "-out", path(`${name}.csr`)],
      ...newKey(path(`${name}.key`)),
    );
    await openssl(
      ...["x509", "-req", "-in", path(`${name}.csr`), "-days", "2"],
      ...["-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial"],
      ...["-extfile", path("extensions"), "-out", path(`${name}.pem`)],
    );
  }
  return {
    ca: path("ca.pem"),
    serverCert: path("server.pem"),
    serverKey: path("server.key"),
    clientCert: path("client.pem"),
    clientKey: path("client.key"),
  };
}

function newKey(path: string): string[] {
  return [
    ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
    ...["-nodes", "-keyout", path],
  ];
}

async function openssl(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(opensslNeed.path, {
    args,
    stdin: "null",
  }).output();
  if (success) return;
  const text = new TextDecoder().decode(stderr).trim();
  throw new Error(`Cannot run openssl ${args[0]}: ${text}`);
}
