// Gates, packs and files in the object store of NATS, each under the SHA-256 of its
// content: put there once, and checked each time that it is taken.
import { NEVER } from "../../../async/abort.ts";
import { pause, within } from "../../../async/deadline.ts";
import { FtlError, messageOf } from "../../../errors.ts";
import { sha256 } from "../../../gate/sources/build_inputs.ts";
import { joinBytes } from "../../../join_bytes.ts";
import type { ObjectStore } from "@nats-io/obj";
import { isUnanswered, type NatsLink } from "./nats_link.ts";
import { refusalError, refusalIn } from "./nats_refusals.ts";
import { BUCKET, FILES_KEPT_MS } from "./nats_subjects.ts";

/** How much of what was taken is kept in memory, in bytes. */
const KEPT_BYTES = 64 * 1024 ** 2;
/** The largest gate or pack. */
const MOST_BYTES = 256 * 1024 ** 2;
/** How long the server may send nothing of an object. */
const SILENCE_MS = 30_000;

/** How often a server that does not answer is asked; each takes up to 10 s. */
const TRIES = 5;
const RETRY_MS = 1_000;

/** Files by their hashes. */
export class NatsFiles {
  readonly #link: NatsLink;
  #bucket: Promise<ObjectStore> | undefined;
  /** What is known to be there. */
  readonly #put = new Map<string, Promise<void>>();
  readonly #taken = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  readonly #sizes = new Map<string, number>();

  constructor(link: NatsLink) {
    this.#link = link;
  }

  /**
   * Puts content there unless it is there; resolves to its hash.
   *
   * @param hash Its SHA-256, where it is known.
   * @throws {FtlError} when there is no room for it.
   */
  async put(
    bytes: Uint8Array,
    hash?: string,
  ): Promise<string> {
    const name = hash ?? await sha256(Uint8Array.from(bytes));
    let done = this.#put.get(name);
    if (done === undefined) {
      done = this.#upload(name, bytes);
      this.#put.set(name, done);
      done.catch(() => this.#put.delete(name));
    }
    await done;
    return name;
  }

  /** Removes content that was put there. */
  async remove(hash: string): Promise<void> {
    this.#put.delete(hash);
    const bucket = await this.#open();
    const { nuid } = await bucket.info(hash) ?? {};
    if (nuid === undefined || !/^\w+$/.test(nuid)) return;
    // Its delete() writes a note, for which a store that is full has no room. The
    // subjects are those of NATS's ADR-20.
    const name = new TextEncoder().encode(hash).toBase64({
      alphabet: "base64url",
    });
    for (const subject of [`M.${name}`, `C.${nuid}`]) {
      const filter = `$O.${BUCKET}.${subject}`;
      await this.#link.admin.streams.purge(`OBJ_${BUCKET}`, { filter });
    }
  }

  /**
   * Takes content, which is kept in memory for some time.
   *
   * @param options `most`: how many bytes it may have. Default: 256 MiB.
   * @throws {FtlError} when it is not there, has more bytes, or is other content.
   */
  async get(
    hash: string,
    { most = MOST_BYTES }: { most?: number } = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    let found = this.#taken.get(hash);
    if (found === undefined) {
      found = this.take(hash, { most });
      this.#taken.set(hash, found);
      found.then(({ length }) => {
        this.#sizes.set(hash, length);
        this.#forgetOld();
      }, () => this.#taken.delete(hash));
    }
    return await found;
  }

  async #upload(name: string, bytes: Uint8Array): Promise<void> {
    try {
      await this.#answered(async () => {
        const bucket = await this.#open();
        const info = await bucket.info(name);
        const isFresh = info !== null && !info.deleted &&
          Date.now() - Date.parse(info.mtime) < FILES_KEPT_MS / 2;
        if (isFresh && info.size === bytes.length) return;
        await bucket.putBlob({ name }, bytes);
      });
    } catch (cause) {
      const what =
        `Cannot put ${bytes.length} bytes in the object store of NATS`;
      const refusal = refusalIn(cause);
      if (refusal) throw refusalError(what, [refusal], cause);
      throw new FtlError(`${what}: ${messageOf(cause)}`, {
        cause,
        hint: "Check how much JetStream may store",
      });
    }
  }

  /**
   * Takes content, which is not kept.
   *
   * @throws {FtlError} as `get`.
   */
  async take(
    hash: string,
    { most }: { most: number },
  ): Promise<Uint8Array<ArrayBuffer>> {
    // The hash may be a hostile text.
    const shown = JSON.stringify(hash.slice(0, 12));
    const cannot = (why: string, cause?: unknown) =>
      new FtlError(
        `Cannot take ${shown} from the object store of NATS: ${why}`,
        { cause },
      );
    if (!/^[0-9a-f]{64}$/.test(hash)) throw cannot("it is not a SHA-256");
    let content: Uint8Array<ArrayBuffer> | undefined;
    try {
      content = await this.#answered(
        () => this.#read(hash, most),
        // A server that ends in between says many things.
        (cause) => !(cause instanceof Unusable),
      );
    } catch (cause) {
      if (cause instanceof TooLarge) {
        throw cannot(`it has more than ${most} bytes`, cause);
      }
      throw cannot(messageOf(cause), cause);
    }
    if (content === undefined) throw cannot("it is not there");
    if (await sha256(content) === hash) return content;
    throw new FtlError(
      `Cannot use ${shown} of the object store of NATS: its content was changed`,
      { hint: "Check who can write to the NATS server" },
    );
  }

  /** What the server says of an object's size is checked while it is read. */
  async #read(
    hash: string,
    most: number,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bucket = await this.#open();
    const info = await bucket.info(hash);
    if (info === null || info.deleted) return undefined;
    if (info.options?.link) throw new Unusable("it is a link to another one");
    if (info.size > most) throw new TooLarge();
    const found = await bucket.get(hash);
    if (found === null) return undefined;
    found.error.catch(() => {}); // the stream has it too
    const reader = found.data.getReader();
    const chunks: Uint8Array[] = [];
    let length = 0;
    try {
      for (;;) {
        const { done, value } = await within(reader.read(), {
          ms: SILENCE_MS,
          instead: SILENT,
        });
        if (done === undefined) throw new Unusable("the server sends no more");
        if (done) return joinBytes(chunks);
        length += value.length;
        if (length > most) throw new TooLarge();
        chunks.push(value);
      }
    } finally {
      reader.cancel().catch(() => {}); // it has failed already
    }
  }

  /** Asks again when the server is away for a while. */
  async #answered<T>(
    ask: () => Promise<T>,
    isPassing: (error: unknown) => boolean = isUnanswered,
  ): Promise<T> {
    for (let tries = 1;; tries++) {
      try {
        return await ask();
      } catch (error) {
        if (tries === TRIES || !isPassing(error)) throw error;
      }
      await pause(RETRY_MS, NEVER);
    }
  }

  #open(): Promise<ObjectStore> {
    this.#bucket ??= this.#link.bucket(BUCKET, { ttlMs: FILES_KEPT_MS });
    this.#bucket.catch(() => this.#bucket = undefined);
    return this.#bucket;
  }

  #forgetOld(): void {
    let sum = this.#sizes.values().reduce((all, size) => all + size, 0);
    for (const [hash, size] of this.#sizes) {
      if (sum <= KEPT_BYTES) return;
      sum -= size;
      this.#sizes.delete(hash);
      this.#taken.delete(hash);
    }
  }
}

/** Thrown when it is of no use to read an object again. */
class Unusable extends Error {}

/** Thrown when an object is larger than it may be. */
class TooLarge extends Unusable {}

const SILENT = { done: undefined, value: undefined } as const;
