// Seals bytes for the keys of workers: what only they may read. An ephemeral X25519
// key and HKDF-SHA256 give one wrapping key for each recipient; those wrap the key of
// the content; all encryption is AES-256-GCM. Each key encrypts once, so its nonce is
// zero. What the bytes are for is bound in: they open in that run only.
//
// A seal does not say who made it, because anyone can seal for a public key. The
// sealed bytes must be inside a signed call (signed.ts).
//
//   "ftl-seal" | version 1 (1) | ephemeral key (32) | recipients (2, big endian)
//   for each: SHA-256 of its key, first 8 bytes | wrapped content key (48)
//   ciphertext | tag (16)
import { FtlError } from "../../../errors.ts";
import { joinBytes } from "../../../join_bytes.ts";
import {
  encryptionKey,
  type ExchangeKey,
  PUBLIC_KEY_BYTES,
  sharedSecret,
} from "./exchange_key.ts";
import { workerKeyText } from "./worker_key.ts";

/** What sealed bytes are for. All three must be the same when they are opened. */
export interface SealContext {
  /** The id of the run. */
  readonly run: string;
  /** The fingerprint of the key that signs the call. */
  readonly sender: string;
  /** What the bytes are: `secrets`, `input`. */
  readonly purpose: string;
}

/** The most recipients of one seal. */
const MAX_RECIPIENTS = 1024;

const START = Uint8Array.from([...new TextEncoder().encode("ftl-seal"), 1]);
const COUNT_AT = START.length + PUBLIC_KEY_BYTES;
const TABLE_AT = COUNT_AT + 2;
const ID_BYTES = 8;
const TAG_BYTES = 16;
const WRAPPED_BYTES = 32 + TAG_BYTES;
const ENTRY_BYTES = ID_BYTES + WRAPPED_BYTES;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Seals bytes for one worker or several.
 *
 * @param recipients Their public keys, 32 bytes each; the same one counts once.
 * @throws {RangeError} when there is no recipient, or more than 1024.
 * @throws {FtlError} when one of the keys cannot be used.
 */
export async function sealBytes(
  bytes: Uint8Array,
  recipients: readonly Uint8Array[],
  context: SealContext,
): Promise<Bytes> {
  const keys = distinct(recipients);
  if (keys.length === 0 || keys.length > MAX_RECIPIENTS) {
    throw new RangeError(`Cannot seal for ${keys.length} recipients`);
  }
  const ephemeral = await crypto.subtle.generateKey("X25519", false, [
    "deriveBits",
  ]) as CryptoKeyPair;
  const sender = new Uint8Array(
    await crypto.subtle.exportKey("raw", ephemeral.publicKey),
  );
  const content = crypto.getRandomValues(new Uint8Array(32));
  const head = new Uint8Array(TABLE_AT + keys.length * ENTRY_BYTES);
  head.set(START);
  head.set(sender, START.length);
  new DataView(head.buffer).setUint16(COUNT_AT, keys.length);
  await Promise.all(keys.map(async (key, i) => {
    const wrapping = await wrappingKey({
      own: ephemeral.privateKey,
      other: key,
      salt: joinBytes([sender, key]),
      context,
    });
    const at = TABLE_AT + i * ENTRY_BYTES;
    head.set(await recipientId(key), at);
    head.set(await encrypt(wrapping, content, START), at + ID_BYTES);
  }));
  const key = await contentKey(content);
  return joinBytes([head, await encrypt(key, bytes, boundTo(head, context))]);
}

/**
 * Opens sealed bytes with the key of a recipient.
 *
 * @throws {FtlError} when they are not for this key, were changed or cut, or
 * belong to another run, sender or purpose.
 */
export async function openSealed(
  sealed: Uint8Array,
  key: ExchangeKey,
  context: SealContext,
): Promise<Bytes> {
  const { head, sender, wrapped, body } = await parse(sealed, key);
  try {
    const wrapping = await wrappingKey({
      own: key.privateKey,
      other: sender,
      salt: joinBytes([sender, key.publicKey]),
      context,
    });
    const content = await contentKey(await decrypt(wrapping, wrapped, START));
    return await decrypt(content, body, boundTo(head, context));
  } catch (cause) {
    throw new FtlError(
      `Cannot open the sealed ${context.purpose} of run ${context.run}: they were changed on the way, or sealed for another run or sender`,
      {
        hint:
          "Run it again; if this repeats, check who can write to the NATS server",
        cause,
      },
    );
  }
}

interface Parsed {
  /** Everything before the ciphertext. */
  readonly head: Bytes;
  readonly sender: Bytes;
  readonly wrapped: Bytes;
  readonly body: Bytes;
}

async function parse(sealed: Uint8Array, key: ExchangeKey): Promise<Parsed> {
  const bytes = Uint8Array.from(sealed);
  if (START.some((byte, i) => bytes[i] !== byte)) {
    throw formError("they do not have the form of this version of ftl");
  }
  if (bytes.length < TABLE_AT) throw formError("they were cut");
  const count = new DataView(bytes.buffer).getUint16(COUNT_AT);
  const bodyAt = TABLE_AT + count * ENTRY_BYTES;
  if (count > MAX_RECIPIENTS) throw formError(`they have ${count} recipients`);
  if (bytes.length < bodyAt + TAG_BYTES) throw formError("they were cut");
  const id = (await recipientId(key.publicKey)).toHex();
  for (let at = TABLE_AT; at < bodyAt; at += ENTRY_BYTES) {
    if (bytes.subarray(at, at + ID_BYTES).toHex() !== id) continue;
    return {
      head: bytes.subarray(0, bodyAt),
      sender: bytes.subarray(START.length, COUNT_AT),
      wrapped: bytes.subarray(at + ID_BYTES, at + ENTRY_BYTES),
      body: bytes.subarray(bodyAt),
    };
  }
  throw new FtlError(
    `Cannot open sealed bytes: they are not for this worker, whose key is ${await workerKeyText(
      key.publicKey,
    )}`,
    { hint: "Pin this key where the run is started" },
  );
}

function formError(state: string): FtlError {
  return new FtlError(`Cannot open sealed bytes: ${state}`, {
    hint: "Use the same version of ftl for the run and its workers",
  });
}

/** The key that wraps the content key for one recipient. */
async function wrappingKey({ own, other, salt, context }: {
  own: CryptoKey;
  other: Uint8Array;
  /** Both public keys. */
  salt: Bytes;
  context: SealContext;
}): Promise<CryptoKey> {
  try {
    const secret = await sharedSecret(own, other);
    const info = encodeContext(context);
    return await contentKey(await encryptionKey(secret, { salt, info }));
  } catch (cause) {
    throw new FtlError("Cannot seal for a worker: its key is not a valid key", {
      hint: "Pin the line that ftl worker --show-key prints there",
      cause,
    });
  }
}

function contentKey(bytes: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
}

/** No two contexts have the same bytes. */
function encodeContext({ run, sender, purpose }: SealContext): Bytes {
  const text = JSON.stringify(["ftl seal 1", run, sender, purpose]);
  return new TextEncoder().encode(text);
}

function boundTo(head: Bytes, context: SealContext): Bytes {
  return joinBytes([head, encodeContext(context)]);
}

/** The nonce of a key that encrypts once. */
const NONCE = new Uint8Array(12);

async function encrypt(
  key: CryptoKey,
  bytes: Uint8Array,
  additionalData: Bytes,
): Promise<Bytes> {
  return new Uint8Array(
    await crypto.subtle.encrypt(
      { name: "AES-GCM", iv: NONCE, additionalData },
      key,
      Uint8Array.from(bytes),
    ),
  );
}

async function decrypt(
  key: CryptoKey,
  bytes: Bytes,
  additionalData: Bytes,
): Promise<Bytes> {
  return new Uint8Array(
    await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: NONCE, additionalData },
      key,
      bytes,
    ),
  );
}

async function recipientId(key: Uint8Array): Promise<Bytes> {
  const hash = await crypto.subtle.digest("SHA-256", Uint8Array.from(key));
  return new Uint8Array(hash).slice(0, ID_BYTES);
}

function distinct(keys: readonly Uint8Array[]): Uint8Array[] {
  return [...new Map(keys.map((key) => [key.toHex(), key])).values()];
}
