// Content of any size that a call needs: small content is in the call itself, other
// content is cut into parts that go through the object store, encrypted under a key
// of its own. The call has the key and the SHA-256 of each encrypted part, so it must
// be sealed and signed.
//
// Each part is encrypted with AES-256-GCM; its nonce is its number.
import { within } from "../../../async/deadline.ts";
import { FtlError } from "../../../errors.ts";
import { isObject } from "../../../protocol/body.ts";
import type { Json } from "../../../protocol/message.ts";
import { sha256 } from "../../../gate/sources/build_inputs.ts";
import { CALL_DEFAULTS } from "../../call/call_defaults.ts";
import type { NatsFiles } from "../server/nats_files.ts";

/** Content, as a call has it. */
export interface SentContent {
  /** In bytes. */
  readonly size: number;
  /** The content itself, in base64; absent when it is in parts. */
  readonly inline?: string;
  /** The key of the parts, in base64. */
  readonly key?: string;
  /** The SHA-256 of each encrypted part. */
  readonly parts?: readonly string[];
}

/** The most bytes of content. */
const MOST_CONTENT_BYTES = CALL_DEFAULTS.maxFetchBytes;

/** Content up to this size is in the call, or in the result. */
const INLINE_BYTES = 24 * 1024;
/** The size of a part before it is encrypted. */
export const PART_BYTES = 2 * 1024 ** 2;
const TAG_BYTES = 16;
/** How many parts are on their way at once. */
const MOST_OPEN = 4;
/** How long removing content may take. */
const CLEAR_MS = 10_000;

/** Puts content into the object store, and removes it again. */
export class ContentStore {
  readonly #files: NatsFiles;
  readonly #names: string[] = [];
  readonly #signal: AbortSignal;
  readonly #most: number;

  /**
   * @param options `signal`: ends a `put`; `most`: how many bytes one content may
   *   have. Default: 10 GiB.
   */
  constructor(
    files: NatsFiles,
    { signal, most = MOST_CONTENT_BYTES }: {
      signal: AbortSignal;
      most?: number;
    },
  ) {
    this.#files = files;
    this.#signal = signal;
    this.#most = most;
  }

  /**
   * Puts content there.
   *
   * @param chunks A chunk is used until the next one is requested.
   * @throws {FtlError} when there is no room for it, or it is too large.
   */
  async put(chunks: AsyncIterable<Uint8Array>): Promise<SentContent> {
    const key = crypto.getRandomValues(new Uint8Array(32));
    const cipher = await contentKey(key);
    const parts: Promise<string>[] = [];
    const send = async (part: Uint8Array<ArrayBuffer>, number: number) => {
      const bytes = new Uint8Array(
        await crypto.subtle.encrypt(nonceOf(number), cipher, part),
      );
      const name = await sha256(bytes);
      this.#names.push(name);
      return await this.#files.put(bytes, name);
    };
    let size = 0;
    let first: Uint8Array<ArrayBuffer> | undefined;
    try {
      for await (const part of partsOf(chunks)) {
        this.#signal.throwIfAborted();
        size += part.length;
        if (size > this.#most) throw tooLarge(this.#most);
        if (size <= INLINE_BYTES) {
          first = part; // it is all: only the last part is short
          break;
        }
        const sent = send(part, parts.length);
        sent.catch(() => {}); // it is awaited below
        parts.push(sent);
        await parts.at(-MOST_OPEN);
      }
      if (parts.length > 0) {
        const names = await Promise.all(parts);
        return { size, key: key.toBase64(), parts: names };
      }
    } catch (error) {
      await Promise.allSettled(parts); // or some would come after clear()
      throw error;
    }
    return { size, inline: (first ?? new Uint8Array()).toBase64() };
  }

  /**
   * Removes everything that was put there, as far as the server lets it: it forgets
   * the rest in a week.
   */
  async clear(): Promise<void> {
    const names = this.#names.splice(0).values();
    const lanes = Array.from({ length: MOST_OPEN }, async () => {
      for (const name of names) {
        // What cannot be removed does not keep the rest.
        await this.#files.remove(name).catch(() => {});
      }
    });
    const cleared = Promise.all(lanes);
    await within(cleared, { ms: CLEAR_MS, instead: null });
  }
}

/**
 * Takes content, part by part, in its order.
 *
 * @param sent From `readSentContent()`.
 * @throws {FtlError} when a part is missing, or was changed.
 */
export async function* takeContent(
  sent: SentContent,
  files: NatsFiles,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  if (sent.inline !== undefined) {
    yield Uint8Array.fromBase64(sent.inline);
    return;
  }
  const { size, key = "", parts = [] } = sent;
  const cipher = await contentKey(Uint8Array.fromBase64(key));
  const take = async (number: number) => {
    const most = PART_BYTES + TAG_BYTES;
    const bytes = await files.take(parts[number]!, { most });
    const part = new Uint8Array(
      await crypto.subtle.decrypt(nonceOf(number), cipher, bytes),
    );
    const length = Math.min(PART_BYTES, size - number * PART_BYTES);
    if (part.length === length) return part;
    throw malformed();
  };
  const coming: Promise<Uint8Array<ArrayBuffer>>[] = [];
  for (const number of parts.keys()) {
    const part = take(number);
    part.catch(() => {}); // it is awaited below
    coming.push(part);
    if (coming.length === MOST_OPEN) yield await coming.shift()!;
  }
  for (const part of coming) yield await part;
}

/** Removes content that was taken, as far as the server lets it. */
export async function removeContent(
  { parts = [] }: SentContent,
  files: NatsFiles,
): Promise<void> {
  for (const part of parts) await files.remove(part).catch(() => {});
}

/**
 * Reads content that another process has announced.
 *
 * @param options `most`: how many bytes it may have. Default: 10 GiB.
 * @throws {FtlError} when it is malformed, or has more bytes.
 */
export function readSentContent(
  value: Json | undefined,
  { most = MOST_CONTENT_BYTES }: { most?: number } = {},
): SentContent {
  if (value === undefined || !isObject(value)) throw malformed();
  const { size, inline, key, parts } = value;
  if (!Number.isSafeInteger(size) || (size as number) < 0) throw malformed();
  const bytes = size as number;
  if (bytes > most) throw tooLarge(most);
  if (inline !== undefined) {
    const fits = typeof inline === "string" && bytes <= INLINE_BYTES &&
      lengthOf(inline) === bytes;
    if (!fits) throw malformed();
    return { size: bytes, inline };
  }
  const isWhole = typeof key === "string" && lengthOf(key) === 32 &&
    Array.isArray(parts) && parts.length === Math.ceil(bytes / PART_BYTES) &&
    parts.every((part) => /^[\da-f]{64}$/.test(String(part)));
  if (!isWhole) throw malformed();
  return { size: bytes, key, parts: parts as string[] };
}

/** The number of bytes in base64; undefined when it is not base64. */
function lengthOf(base64: string): number | undefined {
  try {
    return Uint8Array.fromBase64(base64).length;
  } catch {
    return undefined;
  }
}

/** Cuts content into parts; all but the last have the same size. */
async function* partsOf(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  let part = new Uint8Array(PART_BYTES);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const some = chunk.subarray(at, at + PART_BYTES - filled);
      part.set(some, filled);
      at += some.length;
      filled += some.length;
      if (filled < PART_BYTES) continue;
      yield part;
      part = new Uint8Array(PART_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield part.slice(0, filled);
}

async function contentKey(key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return await crypto.subtle.importKey("raw", key, "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
}

/** Each key encrypts one content, so the number of a part is used once. */
function nonceOf(
  number: number,
): { name: "AES-GCM"; iv: Uint8Array<ArrayBuffer> } {
  const iv = new Uint8Array(12);
  new DataView(iv.buffer).setUint32(8, number);
  return { name: "AES-GCM", iv };
}

function tooLarge(most: number): FtlError {
  return new FtlError(
    `Cannot send files over NATS: they have more than ${most} bytes`,
  );
}

function malformed(): FtlError {
  return new FtlError("Cannot read the content of a call: it is malformed");
}
