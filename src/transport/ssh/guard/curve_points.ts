// Checks the curve points that a host sends: the runtime's arithmetic gets no
// invalid one.
import { toBigInt, WireViolation } from "./wire_reader.ts";

interface Curve {
  readonly bytes: number;
  /** The field's prime, and `b` of y² = x³ − 3x + b (FIPS 186-5). */
  readonly p: bigint;
  readonly b: bigint;
}

/** The curves of RFC 5656. */
const CURVES: Readonly<Record<string, Curve>> = {
  nistp256: {
    bytes: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  nistp384: {
    bytes: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: BigInt(
      "0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875a" +
        "c656398d8a2ed19d2a85c8edd3ec2aef",
    ),
  },
  nistp521: {
    bytes: 66,
    p: 2n ** 521n - 1n,
    b: BigInt(
      "0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef1" +
        "09e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
    ),
  },
};

/** The number of bytes in a coordinate of a curve. */
export function coordinateBytes(curve: string): number {
  return curveOf(curve).bytes;
}

/**
 * Checks a point of a NIST curve: uncompressed, and on the curve.
 *
 * @throws {WireViolation} when it is not.
 */
export function checkNistPoint(
  point: Uint8Array,
  { curve, what }: { curve: string; what: string },
): void {
  const { bytes, p, b } = curveOf(curve);
  if (point.length !== 1 + 2 * bytes || point[0] !== 4) {
    throw new WireViolation(`${what} is not a point of ${curve}`);
  }
  const x = toBigInt(point.subarray(1, 1 + bytes));
  const y = toBigInt(point.subarray(1 + bytes));
  const isOnCurve = x < p && y < p &&
    (y * y - x * x * x + 3n * x - b) % p === 0n;
  if (!isOnCurve) {
    throw new WireViolation(`${what} is not a point of ${curve}`);
  }
}

/** The prime of curve25519 (RFC 7748, section 4.1). */
const P25519 = 2n ** 255n - 19n;

/** The points that make every shared secret zero (RFC 7748, section 6.1). */
const SMALL_ORDER: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  P25519 - 1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
]);

/**
 * Checks a point of curve25519.
 *
 * @throws {WireViolation} when its length is wrong, or the shared secret would be zero.
 */
export function checkCurve25519Point(point: Uint8Array, what: string): void {
  if (point.length !== 32) {
    throw new WireViolation(
      `${what} has ${point.length} bytes; a point of curve25519 has 32`,
    );
  }
  const u = toBigInt(point.toReversed()) % 2n ** 255n % P25519;
  if (SMALL_ORDER.has(u)) {
    throw new WireViolation(`${what} makes a secret that anyone can guess`);
  }
}

function curveOf(name: string): Curve {
  const curve = CURVES[name];
  if (curve === undefined) {
    throw new WireViolation(`the curve ${name} was not offered`);
  }
  return curve;
}
