// The key pair of a worker. Secrets are sealed for its public
// key, so its private key stays in one file that only its user can read. The public
// key is shown as one line of text that a sender pins (known_workers.ts).
import { join } from "@std/path";
import { FtlError } from "../../../errors.ts";
import { defaultFolder, openFolder } from "../../../store/folder.ts";
import {
  createKeyFile,
  type ExchangeKey,
  makeExchangeKey,
  PUBLIC_KEY_BYTES,
  readKeyFile,
} from "./exchange_key.ts";

/** The name of the file below FTL_HOME. */
const FILE = "worker.key";

/** How the text of a public key starts. */
const PREFIX = "ftl-worker-";

/** The length of the sum that finds typing errors. */
const SUM_BYTES = 4;

/** The key pair of a worker. */
export interface WorkerKey extends ExchangeKey {
  /** The public key as {@linkcode workerKeyText} writes it. */
  readonly text: string;
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
  let key = await readKeyFile(path);
  if (key === undefined) {
    await createKeyFile(path, await makeExchangeKey());
    // Another worker may have been first; its key is the one that counts.
    key = await readKeyFile(path);
  }
  if (key !== undefined) {
    return { ...key, text: await workerKeyText(key.publicKey) };
  }
  throw new FtlError(`Cannot use the key ${path}: it was removed`, {
    hint: "Start the worker again",
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
