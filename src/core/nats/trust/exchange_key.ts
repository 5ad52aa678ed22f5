// X25519 key pairs (RFC 7748), in memory and in files that only their user can read:
// the key of a worker, and the key that a run's events are sealed for.
import { createAtomically } from "../../../disk/write.ts";
import { FtlError, messageOf } from "../../../errors.ts";
import { trustedFile } from "./trusted_file.ts";

/** The length of a public key. */
export const PUBLIC_KEY_BYTES = 32;

/** A key pair. */
export interface ExchangeKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** For `deriveBits`; it cannot be exported. */
  readonly privateKey: CryptoKey;
}

/** A new key pair, and its text for a file: PKCS#8 in PEM (RFC 8410). */
export interface NewExchangeKey extends ExchangeKey {
  readonly pem: string;
}

/** Makes a key pair. */
export async function makeExchangeKey(): Promise<NewExchangeKey> {
  const { privateKey } = await crypto.subtle.generateKey("X25519", true, [
    "deriveBits",
  ]) as CryptoKeyPair;
  const der = await crypto.subtle.exportKey("pkcs8", privateKey);
  const base64 = new Uint8Array(der).toBase64();
  const pem =
    `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`;
  return { ...await parsePrivateKey(pem), pem };
}

async function parsePrivateKey(pem: string): Promise<ExchangeKey> {
  const base64 = /-BEGIN PRIVATE KEY-+([^-]+)-/.exec(pem)?.[1] ?? "";
  const der = Uint8Array.fromBase64(base64);
  const open = (isExported: boolean) =>
    crypto.subtle.importKey("pkcs8", der, "X25519", isExported, ["deriveBits"]);
  const { x } = await crypto.subtle.exportKey("jwk", await open(true));
  return {
    publicKey: Uint8Array.fromBase64(x!, { alphabet: "base64url" }),
    privateKey: await open(false),
  };
}

/**
 * Writes a new file with mode 0600; one that exists stays as it is.
 *
 * @throws {FtlError} when it cannot be written.
 */
export async function createKeyFile(
  path: string,
  { pem }: NewExchangeKey,
): Promise<void> {
  try {
    await createAtomically(path, new TextEncoder().encode(pem));
  } catch (cause) {
    throw refusal(path, messageOf(cause), "Make room for it, or set FTL_HOME");
  }
}

/**
 * Reads a file; undefined when there is none.
 *
 * @throws {FtlError} when it is not a key, or other users can read or change it.
 */
export async function readKeyFile(
  path: string,
): Promise<ExchangeKey | undefined> {
  const advice = "Look at what it is, and move it away";
  try {
    if (!(await Deno.lstat(path)).isFile) {
      throw new Error("it is not a regular file");
    }
    const { mode } = await trustedFile(path);
    if (mode !== null && (mode & 0o077) !== 0) {
      throw refusal(
        path,
        "other users can read it",
        `Run chmod 600 ${path} if nobody has read it; else move it away`,
      );
    }
    const text = await Deno.readTextFile(path);
    return await parsePrivateKey(text).catch(() => {
      throw new Error("it holds no X25519 key");
    });
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    if (cause instanceof FtlError) throw cause;
    throw refusal(path, messageOf(cause), advice);
  }
}

function refusal(path: string, state: string, hint: string): FtlError {
  return new FtlError(`Cannot use the key ${path}: ${state}`, { hint });
}

/**
 * The secret that two keys share.
 *
 * @throws {Error} when the other key is not a valid one: WebCrypto refuses points of
 * small order, whose secret would be zero.
 */
export async function sharedSecret(
  own: CryptoKey,
  other: Uint8Array,
): Promise<ArrayBuffer> {
  const point = await crypto.subtle.importKey(
    "raw",
    Uint8Array.from(other),
    "X25519",
    false,
    [],
  );
  return await crypto.subtle.deriveBits(
    { name: "X25519", public: point },
    own,
    256,
  );
}

/**
 * The 32 bytes of an AES-256-GCM key from a shared secret (HKDF with SHA-256, RFC 5869).
 *
 * @param options `salt`: bytes that are new for each key; `info`: what it is for.
 */
export async function encryptionKey(
  secret: ArrayBuffer,
  { salt, info }: {
    salt: Uint8Array<ArrayBuffer>;
    info: Uint8Array<ArrayBuffer>;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, [
    "deriveBits",
  ]);
  const parameters = { name: "HKDF", hash: "SHA-256", salt, info };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, base, 256));
}
