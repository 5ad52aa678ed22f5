// Which algorithms a handshake offers, in which order. ssh2 refuses to connect
// when it is given a name that the runtime lacks, so that every list is built
// from what is there.
import { getCiphers } from "node:crypto";
import type { CipherAlgorithm, ServerHostKeyAlgorithm } from "ssh2";

/** SSH's names, best first, and the runtime's names of the same. */
const CIPHERS: readonly (readonly [CipherAlgorithm, string])[] = [
  // In WebAssembly this one is three times as fast as the runtime's AES.
  ["chacha20-poly1305@openssh.com", "chacha20"],
  ["aes128-gcm@openssh.com", "aes-128-gcm"],
  ["aes256-gcm@openssh.com", "aes-256-gcm"],
  ["aes128-ctr", "aes-128-ctr"],
  ["aes192-ctr", "aes-192-ctr"],
  ["aes256-ctr", "aes-256-ctr"],
];

/** The algorithms that prove a key of a type, in OpenSSH's order. */
const HOST_KEYS: readonly (readonly [string, ServerHostKeyAlgorithm[]])[] = [
  ["ssh-ed25519", ["ssh-ed25519"]],
  ["ecdsa-sha2-nistp256", ["ecdsa-sha2-nistp256"]],
  ["ecdsa-sha2-nistp384", ["ecdsa-sha2-nistp384"]],
  ["ecdsa-sha2-nistp521", ["ecdsa-sha2-nistp521"]],
  ["ssh-rsa", ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"]],
];

/** The ciphers to offer, fastest first. */
export function cipherList(
  available: readonly string[] = getCiphers(),
): CipherAlgorithm[] {
  const names = new Set(available);
  return CIPHERS.filter(([, name]) => names.has(name)).map(([cipher]) =>
    cipher
  );
}

/**
 * The host key algorithms to offer. Those of the types that known_hosts has for
 * the host come first: a host has several keys, and would otherwise show one
 * that nobody has seen.
 */
export function hostKeyList(
  knownTypes: readonly string[],
): ServerHostKeyAlgorithm[] {
  const known = HOST_KEYS.filter(([type]) => knownTypes.includes(type));
  const others = HOST_KEYS.filter(([type]) => !knownTypes.includes(type));
  return [...known, ...others].flatMap(([, algorithms]) => algorithms);
}
