// Which algorithms a handshake offers, and in which order. ssh2 refuses to connect
// with a name that it or the runtime lacks, so each list holds only names that
// both support.
import { getCiphers } from "node:crypto";
import type {
  Algorithms,
  CipherAlgorithm,
  KexAlgorithm,
  MacAlgorithm,
  ServerHostKeyAlgorithm,
} from "../library/ssh2.ts";
import { matchesPatterns } from "../../openssh_patterns.ts";
import type { SshHostSettings } from "../../transport.ts";

/**
 * The names in SSH, fastest first, with the runtime's name for the same cipher.
 * In CPU time, sealing and opening packets of 32 KiB, as in a large push, takes 1 with
 * chacha20 (WebAssembly), 1.9 to 2.2 with CTR and SHA-256, 2.7 with CTR and SHA-512,
 * 3.2 with GCM. Packets of 250 bytes, as in small calls, take 13 to 20 µs,
 * and 27 to 40 with SHA-512.
 */
const CIPHERS: readonly (readonly [CipherAlgorithm, string])[] = [
  ["chacha20-poly1305@openssh.com", "chacha20"],
  ["aes128-ctr", "aes-128-ctr"],
  ["aes192-ctr", "aes-192-ctr"],
  ["aes256-ctr", "aes-256-ctr"],
  ["aes128-gcm@openssh.com", "aes-128-gcm"],
  ["aes256-gcm@openssh.com", "aes-256-gcm"],
];

/** The algorithms that prove a key of a type, in OpenSSH's order. */
const HOST_KEYS: readonly (readonly [string, ServerHostKeyAlgorithm[]])[] = [
  ["ssh-ed25519", ["ssh-ed25519"]],
  ["ecdsa-sha2-nistp256", ["ecdsa-sha2-nistp256"]],
  ["ecdsa-sha2-nistp384", ["ecdsa-sha2-nistp384"]],
  ["ecdsa-sha2-nistp521", ["ecdsa-sha2-nistp521"]],
  ["ssh-rsa", ["rsa-sha2-512", "rsa-sha2-256"]],
];

/** Offered only on request: signatures over SHA-1. */
const OLD_HOST_KEYS: readonly ServerHostKeyAlgorithm[] = ["ssh-rsa"];

/** Without ecdh-sha2-nistp521: the runtime lacks it. */
const KEX: readonly KexAlgorithm[] = [
  "curve25519-sha256",
  "curve25519-sha256@libssh.org",
  "ecdh-sha2-nistp256",
  "ecdh-sha2-nistp384",
  "diffie-hellman-group14-sha256",
  "diffie-hellman-group16-sha512",
  "diffie-hellman-group18-sha512",
];

/**
 * Offered only on request: in a group exchange the host chooses the numbers, and
 * the others use SHA-1, for hosts from before 2014.
 */
const KEX_ON_REQUEST: readonly KexAlgorithm[] = [
  "diffie-hellman-group-exchange-sha256",
  "diffie-hellman-group-exchange-sha1",
  "diffie-hellman-group14-sha1",
  "diffie-hellman-group1-sha1",
];

const MACS: readonly MacAlgorithm[] = [
  "hmac-sha2-256-etm@openssh.com",
  "hmac-sha2-512-etm@openssh.com",
  "hmac-sha1-etm@openssh.com",
  "hmac-sha2-256",
  "hmac-sha2-512",
  "hmac-sha1",
];

/** Everything that a handshake offers. */
export function offeredAlgorithms(
  knownTypes: readonly string[],
  wanted: SshHostSettings["algorithms"] = {},
): Algorithms {
  const ciphers = cipherList();
  return {
    cipher: choose(wanted.ciphers, { offered: ciphers, possible: ciphers }),
    kex: choose(wanted.kex, {
      offered: KEX,
      possible: [...KEX, ...KEX_ON_REQUEST],
    }),
    hmac: choose(wanted.macs, { offered: MACS, possible: MACS }),
    // The guards judge packets as sent, and a few bytes could expand to many.
    compress: ["none"],
    serverHostKey: wanted.hostKeys === undefined
      ? hostKeyList(knownTypes)
      : choose(wanted.hostKeys, {
        offered: hostKeyList([]),
        possible: [...hostKeyList([]), ...OLD_HOST_KEYS],
      }),
  };
}

/** The ciphers to offer, fastest first. */
export function cipherList(
  available: readonly string[] = getCiphers(),
): CipherAlgorithm[] {
  const names = new Set(available);
  return CIPHERS.filter(([, name]) => names.has(name))
    .map(([cipher]) => cipher);
}

/**
 * The host key algorithms to offer. The types that known_hosts has for the host
 * come first: a host has several keys, and could otherwise show an unknown one.
 */
export function hostKeyList(
  knownTypes: readonly string[],
): ServerHostKeyAlgorithm[] {
  const known = HOST_KEYS.filter(([type]) => knownTypes.includes(type));
  const others = HOST_KEYS.filter(([type]) => !knownTypes.includes(type));
  return [...known, ...others].flatMap(([, algorithms]) => algorithms);
}

/**
 * Applies a list in the syntax of ssh_config(5). Names that are not in `possible`
 * are ignored; when none remains, the whole list is ignored.
 */
export function choose<T extends string>(
  list: string | undefined,
  { offered, possible }: { offered: readonly T[]; possible: readonly T[] },
): T[] {
  if (list === undefined) return [...offered];
  const sign = /^[+^-]/.exec(list)?.[0];
  const patterns = list.slice(sign === undefined ? 0 : 1).split(",");
  const named = patterns.flatMap((pattern) =>
    possible.filter((name) => matchesPatterns(name, [pattern]))
  );
  const others = offered.filter((name) => !named.includes(name));
  const chosen = {
    "+": [...offered, ...named.filter((name) => !offered.includes(name))],
    "-": others,
    "^": [...named, ...others],
    "": named,
  }[sign ?? ""]!;
  return chosen.length > 0 ? [...new Set(chosen)] : [...offered];
}
