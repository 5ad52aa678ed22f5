// Signatures of OpenSSH (PROTOCOL.sshsig), as `ssh-keygen -Y sign` makes them, without
// their armor. A namespace keeps a signature that was made for one purpose from being
// used for another. Verification never parses a key that came with a signature: it is
// compared with keys that are known.
import { Buffer } from "node:buffer";
import { FtlError } from "../../../errors.ts";
import {
  encodePacket,
  type Field,
} from "../../../transport/openssh/mux_packet.ts";
import type {
  Identity,
  SigningHash,
} from "../../../transport/ssh/keys/identity.ts";
import { utils } from "../../../transport/ssh/library/ssh2.ts";
import {
  WireReader,
  WireViolation,
} from "../../../transport/ssh/guard/wire_reader.ts";

const MAGIC = [...new TextEncoder().encode("SSHSIG")];
const VERSION = 1;

/** No signature, key or name in it is longer. */
const MAX_FIELD_BYTES = 8 * 1024;

/** The algorithms that a key of a type may sign with; the first is used here. */
const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};

/** The types of keys that can sign calls, as OpenSSH names them. */
export const SIGNING_KEY_TYPES: readonly string[] = Object.keys(ALGORITHMS);

/** The parts of a signature; nothing about it is verified yet. */
export interface SshSignature {
  /** The key that it says it was made with, in OpenSSH's form. */
  readonly publicKey: Uint8Array;
  readonly namespace: string;
  readonly hash: "SHA-256" | "SHA-512";
  readonly algorithm: string;
  readonly bytes: Uint8Array;
}

/**
 * Signs a message with the key of a file or an agent.
 *
 * @throws {FtlError} when a key of this type cannot sign.
 * @throws {Error} when the agent or the user does not let it sign.
 */
export async function signMessage(
  message: Uint8Array,
  { identity, namespace }: { identity: Identity; namespace: string },
): Promise<Uint8Array<ArrayBuffer>> {
  const { type } = identity.publicKey;
  const algorithm = ALGORITHMS[type]?.[0];
  if (algorithm === undefined) {
    throw new FtlError(
      `Cannot sign with ${identity.label}: ${type} keys are not supported`,
      { hint: "Use an ed25519 key" },
    );
  }
  const hash: SigningHash | undefined = type === "ssh-rsa"
    ? "sha512"
    : undefined;
  return await signWith(message, {
    namespace,
    publicKey: identity.publicKey.getPublicSSH(),
    algorithm,
    sign: async (data) => {
      const bytes = await identity.sign(Buffer.from(data), hash);
      return type.startsWith("ecdsa-") ? fromDer(bytes) : bytes;
    },
  });
}

/** Signs a message with whatever makes a raw signature of the key's algorithm. */
export async function signWith(
  message: Uint8Array,
  { namespace, publicKey, algorithm, sign }: {
    namespace: string;
    publicKey: Uint8Array;
    algorithm: string;
    sign: (data: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  const data = await signedData(message, { namespace, hash: "SHA-512" });
  return encodeFields(MAGIC, [
    VERSION,
    ...[publicKey, namespace, "", "sha512"],
    encodeFields([], [algorithm, await sign(data)]),
  ]);
}

/**
 * Reads a signature.
 *
 * @throws {WireViolation} when it is malformed; its text is about "its signature".
 */
export function parseSshSignature(signature: Uint8Array): SshSignature {
  const what = "its signature";
  if (MAGIC.some((byte, i) => signature[i] !== byte)) {
    throw new WireViolation(`${what} is not one of OpenSSH`);
  }
  const [high, ...low] = signature.subarray(MAGIC.length, MAGIC.length + 4);
  if (high !== 0 || low.length < 3 || low[0] || low[1] || low[2] !== VERSION) {
    throw new WireViolation(`${what} is of another version`);
  }
  const fields = new WireReader(signature, what, MAGIC.length + 4);
  const publicKey = fields.string(MAX_FIELD_BYTES);
  const namespace = fields.text(MAX_FIELD_BYTES);
  fields.string(0); // reserved
  const hash = { sha256: "SHA-256", sha512: "SHA-512" } as const;
  const name = fields.text(MAX_FIELD_BYTES);
  if (name !== "sha256" && name !== "sha512") {
    throw new WireViolation(`${what} has an unknown hash`);
  }
  const inner = new WireReader(fields.string(MAX_FIELD_BYTES), what);
  fields.end();
  const algorithm = inner.text(MAX_FIELD_BYTES);
  const bytes = inner.string(MAX_FIELD_BYTES);
  inner.end();
  return { publicKey, namespace, hash: hash[name], algorithm, bytes };
}

/** Whether a signature was made for a message with its key. */
export async function isSignatureOf(
  signature: SshSignature,
  message: Uint8Array,
): Promise<boolean> {
  const parsed = utils.parseKey(Buffer.from(signature.publicKey));
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || key instanceof Error) return false;
  const { algorithm } = signature;
  if (!ALGORITHMS[key.type]?.includes(algorithm)) return false;
  const data = await signedData(message, signature);
  try {
    const bytes = algorithm.startsWith("ecdsa-")
      ? toDer(signature.bytes)
      : signature.bytes;
    const hash = { "rsa-sha2-512": "sha512", "rsa-sha2-256": "sha256" };
    return key.verify(
      Buffer.from(data),
      Buffer.from(bytes),
      hash[algorithm as keyof typeof hash],
    ) === true;
  } catch {
    return false; // the runtime refused the form of the signature
  }
}

/** What is really signed: a hash of the message, with the namespace. */
async function signedData(
  message: Uint8Array,
  { namespace, hash }: Pick<SshSignature, "namespace" | "hash">,
): Promise<Uint8Array<ArrayBuffer>> {
  const digest = await crypto.subtle.digest(hash, Uint8Array.from(message));
  const name = hash.replace("-", "").toLowerCase();
  return encodeFields(MAGIC, [namespace, "", name, new Uint8Array(digest)]);
}

/**
 * An ECDSA signature as SSH has it: two mpints (RFC 5656, section 3.1.2). Their
 * content is that of DER's integers. An agent gives this form already.
 */
function fromDer(signature: Uint8Array): Uint8Array {
  if (signature[0] !== 0x30) return signature;
  let at = signature[1]! < 0x80 ? 2 : 3;
  const next = () => {
    const start = at + 2;
    at = start + signature[at + 1]!;
    return signature.subarray(start, at);
  };
  return encodeFields([], [next(), next()]);
}

function toDer(signature: Uint8Array): Uint8Array {
  const numbers = new WireReader(signature, "its signature");
  const content = [numbers.string(127), numbers.string(127)]
    .flatMap((number) => [0x02, number.length, ...number]);
  numbers.end();
  const length = content.length < 0x80
    ? [content.length]
    : [0x81, content.length];
  return Uint8Array.from([0x30, ...length, ...content]);
}

/** The fields of RFC 4251, section 5, after some bytes. */
function encodeFields(
  head: readonly number[],
  fields: readonly Field[],
): Uint8Array<ArrayBuffer> {
  return encodePacket(head, fields).subarray(4); // without the packet's length
}
