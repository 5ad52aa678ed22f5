// The key pair of a worker (X25519, RFC 7748). Secrets are sealed for its public
// key, so its private key stays in one file that only its user can read. The public
// key is shown as one line of text that a sender pins (pinned_workers.ts).
import { join } from "@std/path";
import { createAtomically } from "../../disk/write.ts";
import { FtlError, messageOf } from "../../errors.ts";
import { exposureOf } from "../../ownership.ts";
import { defaultFolder, openFolder } from "../../store/folder.ts";

/** The length of an X25519 public key. */
export const PUBLIC_KEY_BYTES = 32;

/** The name of the file below FTL_HOME. */
const FILE = "worker.key";

/** How the text of a public key starts. */
const PREFIX = "ftl-worker-";

/** The length of the sum that finds typing errors. */
const SUM_BYTES = 4;

/** The key pair of a worker. */
export interface WorkerKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** The public key as {@linkcode workerKeyText} writes it. */
  readonly text: string;
  /** For `deriveBits`; it cannot be exported. */
  readonly privateKey: CryptoKey;
}

/**
 * Opens the key of this user's worker; makes one at first use, as
 * `FTL_HOME/worker.key` with mode 0600.
 *
 * @param home Default: `FTL_HOME`, else `~/.ftl`.
 * @throws {BuildError} when others could write to the folder or replace it.
 * @throws {FtlError} when the file is not a key, or others can read it.
 */
export async function openWorkerKey(home?: string): Promise<WorkerKey> {
  const path = join(await openFolder(home ?? await defaultFolder()), FILE);
  return await readKeyFile(path) ?? await makeKeyFile(path);
}

async function makeKeyFile(path: string): Promise<WorkerKey> {
  const pair = await crypto.subtle.generateKey("X25519", true, [
    "deriveBits",
  ]) as CryptoKeyPair;
  const der = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
  const base64 = new Uint8Array(der).toBase64();
  const pem =
    `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`;
  try {
    await createAtomically(path, new TextEncoder().encode(pem));
  } catch (cause) {
    throw refusal(path, messageOf(cause), "Make room for it, or set FTL_HOME");
  }
  // Another worker may have been first; its key is the one that counts.
  const key = await readKeyFile(path);
  if (key === undefined) throw refusal(path, "it was removed", "Try again");
  return key;
}

/** Reads the key; undefined when there is no file. */
async function readKeyFile(path: string): Promise<WorkerKey | undefined> {
  const info = await Deno.lstat(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw refusal(path, messageOf(error), "Make it readable for you");
  });
  if (info === undefined) return undefined;
  const advice = "Move it away to get a new key, which senders must then pin";
  if (!info.isFile) throw refusal(path, "it is not a regular file", advice);
  const exposure = exposureOf(path, "code", info);
  if (exposure?.isRefused) throw refusal(path, exposure.why, exposure.hint);
  const isPrivate = info.mode === null || (info.mode & 0o077) === 0;
  if (!isPrivate) {
    throw refusal(
      path,
      "other users can read it",
      `Run chmod 600 ${path} if nobody has read it; else move it away`,
    );
  }
  const text = await Deno.readTextFile(path).catch((error) => {
    throw refusal(path, messageOf(error), "Make it readable for you");
  });
  return await parsePrivateKey(text).catch(() => {
    throw refusal(path, "it holds no X25519 key", advice);
  });
}

async function parsePrivateKey(pem: string): Promise<WorkerKey> {
  const base64 = /-BEGIN PRIVATE KEY-+([^-]+)-/.exec(pem)?.[1] ?? "";
  const der = Uint8Array.fromBase64(base64);
  const open = (isExported: boolean) =>
    crypto.subtle.importKey("pkcs8", der, "X25519", isExported, ["deriveBits"]);
  const { x } = await crypto.subtle.exportKey("jwk", await open(true));
  const publicKey = Uint8Array.fromBase64(x!, { alphabet: "base64url" });
  return {
    publicKey,
    text: await workerKeyText(publicKey),
    privateKey: await open(false),
  };
}

function refusal(path: string, state: string, hint: string): FtlError {
  return new FtlError(`Cannot use the worker's key ${path}: ${state}`, {
    hint,
  });
}

/**
 * A public key as text: `ftl-worker-`, then the key and the first four bytes of its
 * SHA-256 in base64url, 48 characters.
 */
export async function workerKeyText(publicKey: Uint8Array): Promise<string> {
  const bytes = new Uint8Array(PUBLIC_KEY_BYTES + SUM_BYTES);
  bytes.set(publicKey);
  bytes.set(await sumOf(publicKey), PUBLIC_KEY_BYTES);
  return PREFIX + bytes.toBase64({ alphabet: "base64url" });
}

/**
 * Reads the text of a public key.
 *
 * @throws {FtlError} when the text is not one, or was changed.
 */
export async function parseWorkerKey(
  text: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = decodeKeyText(text);
  if (bytes === undefined) {
    throw keyTextError(text, `it must be ${PREFIX} and 48 characters`);
  }
  const publicKey = bytes.slice(0, PUBLIC_KEY_BYTES);
  const sum = await sumOf(publicKey);
  if (sum.some((byte, i) => byte !== bytes[PUBLIC_KEY_BYTES + i])) {
    throw keyTextError(text, "its characters do not fit together");
  }
  return publicKey;
}

function decodeKeyText(text: string): Uint8Array | undefined {
  if (!/^ftl-worker-[\w-]{48}$/.test(text)) return undefined;
  return Uint8Array.fromBase64(text.slice(PREFIX.length), {
    alphabet: "base64url",
  });
}

function keyTextError(text: string, state: string): FtlError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return new FtlError(
    `Cannot read the worker's key ${JSON.stringify(shown)}: ${state}`,
    { hint: "Copy the line that ftl worker --show-key prints there" },
  );
}

async function sumOf(publicKey: Uint8Array): Promise<Uint8Array> {
  const text = new TextEncoder().encode(PREFIX);
  const bytes = Uint8Array.from([...text, ...publicKey]);
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(hash, 0, SUM_BYTES);
}
