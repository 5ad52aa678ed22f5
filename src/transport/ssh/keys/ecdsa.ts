// Repairs ECDSA keys in OpenSSH's format. ssh2 passes the private number from the
// file to the runtime unchanged: a leading zero may be missing or added. The
// runtime needs it at the width of the curve (RFC 5915, section 3), and refuses
// every second key. P-521 needs no repair.
import { Buffer } from "node:buffer";
import type { ParsedKey } from "../library/ssh2.ts";
import { utils } from "../library/ssh2.ts";

const WIDTHS: ReadonlyMap<string, number> = new Map([
  ["ecdsa-sha2-nistp256", 32],
  ["ecdsa-sha2-nistp384", 48],
]);

/** Returns the same key in a form that the runtime can sign with. */
export function repairEcdsaKey(key: ParsedKey): ParsedKey {
  const width = WIDTHS.get(key.type);
  if (width === undefined || !key.isPrivateKey()) return key;
  const pem = widenScalar(key.getPrivatePEM(), width);
  const repaired = utils.parseKey(pem);
  if (repaired instanceof Error) throw repaired;
  repaired.comment = key.comment;
  return repaired;
}

/** Rewrites `SEQUENCE { INTEGER 1, OCTET STRING scalar, … }`. */
function widenScalar(pem: string, width: number): string {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  const body = readElement(der, 0).content;
  const version = readElement(body, 0);
  const scalar = readElement(body, version.end);
  const fixed = Buffer.alloc(width);
  const significant = scalar.content.subarray(-width);
  significant.copy(fixed, width - significant.length);
  const sequence = element(
    0x30,
    Buffer.concat([
      body.subarray(0, version.end),
      element(0x04, fixed),
      body.subarray(scalar.end),
    ]),
  );
  const lines = sequence.toString("base64").replace(/.{64}/g, "$&\n").trim();
  return `-----BEGIN EC PRIVATE KEY-----\n${lines}\n-----END EC PRIVATE KEY-----\n`;
}

/** Reads a DER element (X.690, section 8.1) that is shorter than 64 KiB. */
function readElement(
  der: Buffer,
  at: number,
): { content: Buffer; end: number } {
  const first = der.readUInt8(at + 1);
  const digits = first < 0x80 ? 0 : first - 0x80;
  const length = digits === 0 ? first : der.readUIntBE(at + 2, digits);
  const start = at + 2 + digits;
  return { content: der.subarray(start, start + length), end: start + length };
}

function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head = length < 0x80 ? [tag, length] : [tag, 0x81, length];
  return Buffer.concat([Buffer.from(head), content]);
}
