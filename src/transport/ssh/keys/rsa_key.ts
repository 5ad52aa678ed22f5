// RSA keys that sign with a hash of our choice. ssh2 1.17 takes rsa-sha2-256
// wherever a server announces it (`getKeyAlgos()` in lib/client.js), and a server
// may announce it and accept only rsa-sha2-512. For a key whose type is the name
// of an algorithm, ssh2 uses that name as it is, and leaves the hash to the key.
import type { Buffer } from "node:buffer";
import type { Identity, SigningHash } from "./identity.ts";
import type { ParsedKey } from "../library/ssh2.ts";

/** The algorithms of RFC 8332, best first, with their hashes. */
const HASHES = { "rsa-sha2-512": "sha512", "rsa-sha2-256": "sha256" } as const;

/** An algorithm that signs with an RSA key. */
export type RsaAlgorithm = keyof typeof HASHES;

/**
 * The algorithms to try with a key, best first.
 *
 * @param announced the algorithms that the server lists (RFC 8308,
 *   `server-sig-algs`); undefined when it lists none.
 * @returns none when ssh2 has nothing to choose.
 */
export function rsaAlgorithms(
  { publicKey }: Identity,
  announced: readonly string[] | undefined,
): RsaAlgorithm[] {
  if (publicKey.type !== "ssh-rsa" || announced === undefined) return [];
  const ours = Object.keys(HASHES) as RsaAlgorithm[];
  return ours.filter((name) => announced.includes(name));
}

/** The same identity, which signs with one algorithm only. */
export function signingWith(
  identity: Identity,
  algorithm: RsaAlgorithm,
): Identity {
  const hash = HASHES[algorithm];
  const { privateKey } = identity;
  return {
    label: identity.label,
    publicKey: typed(identity.publicKey, algorithm),
    ...(privateKey && {
      privateKey: typed(privateKey, algorithm, {
        sign: (data: Buffer) => privateKey.sign(data, hash),
      }),
    }),
    // It changes once the user has given the passphrase.
    get locked() {
      return identity.locked;
    },
    sign: (data: Buffer, _hash: SigningHash | undefined) =>
      identity.sign(data, hash),
  };
}

/** A view of a key with another type; ssh2 takes it for one of its own keys. */
function typed(
  key: ParsedKey,
  type: RsaAlgorithm,
  changes: Partial<ParsedKey> = {},
): ParsedKey {
  return Object.assign(Object.create(key), { type, ...changes });
}
