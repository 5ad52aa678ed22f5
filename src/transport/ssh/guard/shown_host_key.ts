// Checks the form of the host key that a host shows and of its signature, before
// the runtime gets either. verify_host_key.ts decides whether the key is the known
// one, and ssh2 verifies the signature.
import { checkNistPoint, coordinateBytes } from "./curve_points.ts";
import { bitLength, WireReader, WireViolation } from "./wire_reader.ts";

/** RSA moduli: sshd's RequiredRSASize, and the longest that the runtime verifies. */
const RSA_BITS = { least: 1024, most: 4096 } as const;

/** The longest exponent that the runtime verifies; real ones have 2 to 17 bits. */
const MAX_EXPONENT_BITS = 32;

/** The longest modulus that OpenSSH accepts; beyond it the error is another. */
const MAX_NUMBER_BITS = 16_384;

const MAX_NAME_BYTES = 64;
const MAX_POINT_BYTES = 256;

/**
 * Checks a key and its signature.
 *
 * @param algorithm the one that both sides agreed on: `rsa-sha2-512`
 * @throws {WireViolation} when one of them must not be used.
 */
export function checkShownHostKey(
  { key, signature, algorithm }: {
    key: Uint8Array;
    signature: Uint8Array;
    algorithm: string;
  },
): void {
  const fields = new WireReader(key, "its host key");
  const type = fields.text(MAX_NAME_BYTES);
  const expected = algorithm.startsWith("rsa-sha2-") ? "ssh-rsa" : algorithm;
  if (type !== expected) {
    throw new WireViolation(
      `its host key is a ${type} key; ${algorithm} was agreed on`,
    );
  }
  const signed = new WireReader(signature, "its signature");
  const signedBy = signed.text(MAX_NAME_BYTES);
  if (signedBy !== algorithm) {
    throw new WireViolation(
      `its signature is ${signedBy}; ${algorithm} was agreed on`,
    );
  }
  if (type === "ssh-ed25519") checkEd25519(fields, signed);
  else if (type === "ssh-rsa") checkRsa(fields, signed);
  else if (type.startsWith("ecdsa-sha2-")) checkEcdsa(type, fields, signed);
  else throw new WireViolation(`${type} keys are not supported`);
  fields.end();
  signed.end();
}

function checkEd25519(key: WireReader, signature: WireReader): void {
  checkLength(key.string(MAX_POINT_BYTES), 32, "its ed25519 host key");
  checkLength(signature.string(MAX_POINT_BYTES), 64, "its ed25519 signature");
}

function checkRsa(key: WireReader, signature: WireReader): void {
  const exponent = key.positive(MAX_NUMBER_BITS);
  if (bitLength(exponent) > MAX_EXPONENT_BITS) {
    throw new WireViolation(
      `the exponent of its RSA host key has ${bitLength(exponent)} bits`,
    );
  }
  if (exponent < 3n || exponent % 2n === 0n) {
    throw new WireViolation(`the exponent of its RSA host key is ${exponent}`);
  }
  const modulus = key.positive(MAX_NUMBER_BITS);
  const bits = bitLength(modulus);
  const { least, most } = RSA_BITS;
  if (bits < least || bits > most || modulus % 2n === 0n) {
    throw new WireViolation(
      `its RSA host key has ${bits} bits; an odd number with ${least} to ${most} is accepted`,
    );
  }
  const value = signature.string(MAX_NUMBER_BITS / 8);
  const longest = Math.ceil(bits / 8);
  if (value.length === 0 || value.length > longest) {
    throw new WireViolation(
      `its RSA signature has ${value.length} bytes, and its key ${longest}`,
    );
  }
}

function checkEcdsa(
  type: string,
  key: WireReader,
  signature: WireReader,
): void {
  const curve = key.text(MAX_NAME_BYTES);
  if (`ecdsa-sha2-${curve}` !== type) {
    throw new WireViolation(`its ${type} host key is for the curve ${curve}`);
  }
  const point = key.string(MAX_POINT_BYTES);
  checkNistPoint(point, { curve, what: "its ECDSA host key" });
  const numbers = signature.string(MAX_POINT_BYTES);
  const pair = new WireReader(numbers, "its ECDSA signature");
  for (let i = 0; i < 2; i++) pair.positive(8 * coordinateBytes(curve));
  pair.end();
}

function checkLength(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) {
    throw new WireViolation(
      `${what} has ${bytes.length} bytes instead of ${length}`,
    );
  }
}
