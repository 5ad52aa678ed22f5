// Gates, packs and files in the object store of NATS, each under the SHA-256 of its
// content: put there once, and checked each time that it is taken.
import { FtlError, messageOf } from "../../errors.ts";
import { sha256 } from "../../gate/sources/build_inputs.ts";
import type { ObjectStore } from "@nats-io/obj";
import { pause } from "../../async/deadline.ts";
import { isUnanswered, type NatsLink } from "./nats_link.ts";
import { BUCKET, FILES_KEPT_MS } from "./nats_subjects.ts";

/** How much of what was taken is kept in memory, in bytes. */
const KEPT_BYTES = 64 * 1024 ** 2;

/** How often a server that does not answer is asked; each takes up to 10 s. */
const TRIES = 5;
const RETRY_MS = 1_000;
const NEVER = new AbortController().signal;

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

  /**
   * Takes content.
   *
   * @throws {FtlError} when it is not there, or is other content.
   */
  async get(hash: string): Promise<Uint8Array<ArrayBuffer>> {
    let found = this.#taken.get(hash);
    if (found === undefined) {
      found = this.#download(hash);
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
      const bucket = await this.#open();
      const info = await bucket.info(name);
      const isFresh = info !== null && !info.deleted &&
        Date.now() - Date.parse(info.mtime) < FILES_KEPT_MS / 2;
      if (isFresh && info.size === bytes.length) return;
      await bucket.putBlob({ name }, bytes);
    } catch (cause) {
      throw new FtlError(
        `Cannot put ${bytes.length} bytes in the object store of NATS: ${
          messageOf(cause)
        }`,
        { cause, hint: "Check how much JetStream may store" },
      );
    }
  }

  async #download(hash: string): Promise<Uint8Array<ArrayBuffer>> {
    let bytes: Uint8Array | null;
    try {
      bytes = await this.#answered(async () =>
        await (await this.#open()).getBlob(hash)
      );
    } catch (cause) {
      throw new FtlError(
        `Cannot take ${hash.slice(0, 12)} from the object store of NATS: ${
          messageOf(cause)
        }`,
        { cause },
      );
    }
    if (bytes === null) {
      throw new FtlError(
        `Cannot take ${
          hash.slice(0, 12)
        } from the object store of NATS: it is not there`,
      );
    }
    const content = Uint8Array.from(bytes);
    if (await sha256(content) === hash) return content;
    throw new FtlError(
      `Cannot use ${
        hash.slice(0, 12)
      } of the object store of NATS: its content was changed`,
      { hint: "Check who can write to the NATS server" },
    );
  }

  /** Asks again when the server is away for a while. */
  async #answered<T>(ask: () => Promise<T>): Promise<T> {
    for (let tries = 1;; tries++) {
      try {
        return await ask();
      } catch (error) {
        if (tries === TRIES || !isUnanswered(error)) throw error;
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
