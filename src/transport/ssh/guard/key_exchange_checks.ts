// Checks the messages of a key exchange before any arithmetic is done with them:
// the lists of algorithms, the group, the reply. Numbers are compared here and
// never raised to a power.
import { createDiffieHellmanGroup } from "node:crypto";
import { checkCurve25519Point, checkNistPoint } from "./curve_points.ts";
import { checkShownHostKey } from "./shown_host_key.ts";
import {
  bitLength,
  toBigInt,
  WireReader,
  WireViolation,
} from "./wire_reader.ts";

/** RFC 8270: the sizes that ftl asks for and accepts. */
const PRIME_BITS = { least: 2048, most: 8192 } as const;

/** Real lists of algorithms have up to a kilobyte each. */
const MAX_LIST_BYTES = 4096;

/** cookie, ten lists, first_kex_packet_follows, reserved (RFC 4253, 7.1). */
const COOKIE_BYTES = 16;
const LISTS = 10;

/** No key, point, number or signature of a reply is longer. */
const MAX_REPLY_FIELD_BYTES = 8 * 1024;

/** The runtime's names for the fixed groups (RFC 8268, RFC 2409). */
const FIXED_GROUPS: Readonly<Record<string, string>> = {
  group1: "modp2",
  group14: "modp14",
  group16: "modp16",
  group18: "modp18",
};

/**
 * Checks KEXINIT.
 *
 * @returns its lists of algorithms, in the order of RFC 4253, section 7.1.
 */
export function checkKexInit(payload: Uint8Array): string[] {
  const fields = new WireReader(payload, "its list of algorithms", 1);
  fields.skip(COOKIE_BYTES);
  const lists = Array.from(
    { length: LISTS },
    () => fields.text(MAX_LIST_BYTES),
  );
  fields.skip(1 + 4);
  fields.end();
  return lists;
}

/**
 * Checks the group of a Diffie-Hellman group exchange; the runtime panics on a
 * prime of zero, and takes minutes for one of 32 KB.
 *
 * @returns the prime.
 */
export function checkGroup(payload: Uint8Array): bigint {
  const { least, most } = PRIME_BITS;
  const fields = new WireReader(payload, "its Diffie-Hellman group", 1);
  const p = toBigInt(fields.string(MAX_REPLY_FIELD_BYTES * 8));
  const bits = p === 0n ? 0 : bitLength(p);
  if (bits < least || bits > most) {
    throw new WireViolation(
      `its Diffie-Hellman group has a prime of ${bits} bits; ${least} to ${most} are accepted`,
    );
  }
  if (p % 2n === 0n) {
    throw new WireViolation(
      "its Diffie-Hellman group has a prime that is even",
    );
  }
  const g = toBigInt(fields.string(most / 8 + 1));
  if (g <= 1n || g >= p - 1n) {
    throw new WireViolation(
      "its Diffie-Hellman group has a generator out of range",
    );
  }
  fields.end();
  return p;
}

/** The algorithms that both sides agreed on. */
export interface Agreement {
  readonly kex: string;
  readonly hostKey: string;
  /** Set in a group exchange. */
  readonly prime: bigint | undefined;
}

/**
 * Checks the reply that ends an exchange: host key, value and signature.
 *
 * @returns the host key.
 */
export function checkReply(
  payload: Uint8Array,
  { kex, hostKey, prime }: Agreement,
): Uint8Array {
  const fields = new WireReader(payload, "its key exchange reply", 1);
  const key = fields.string(MAX_REPLY_FIELD_BYTES);
  const value = fields.string(MAX_REPLY_FIELD_BYTES);
  const signature = fields.string(MAX_REPLY_FIELD_BYTES);
  fields.end();
  checkValue(value, { kex, prime });
  checkShownHostKey({ key, signature, algorithm: hostKey });
  return key;
}

function checkValue(
  value: Uint8Array,
  { kex, prime }: Pick<Agreement, "kex" | "prime">,
): void {
  const what = "its key exchange value";
  if (kex.startsWith("curve25519-")) return checkCurve25519Point(value, what);
  const curve = /^ecdh-sha2-(.+)$/.exec(kex)?.[1];
  if (curve !== undefined) return checkNistPoint(value, { curve, what });
  const p = prime ?? primeOf(kex);
  const longest = bitLength(p) / 8 + 1;
  const isNegative = (value[0] ?? 0) > 0x7f;
  const f = value.length > longest || isNegative ? 0n : toBigInt(value);
  if (f <= 1n || f >= p - 1n) {
    throw new WireViolation(`${what} is out of the range of its group`);
  }
}

const primes = new Map<string, bigint>();

/** The prime of an exchange with a fixed group. */
function primeOf(kex: string): bigint {
  const group = FIXED_GROUPS[/-(group\d+)-/.exec(kex)?.[1] ?? ""];
  if (group === undefined) throw new WireViolation(`${kex} was not offered`);
  const prime = primes.get(group) ??
    toBigInt(createDiffieHellmanGroup(group).getPrime());
  primes.set(group, prime);
  return prime;
}
