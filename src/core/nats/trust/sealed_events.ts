// Events and results of a run, sealed by a worker for the run's own key. Those who have
// that key read them: the sender, and `ftl runs follow` on the same account. The key
// comes from both key pairs (X25519 of the worker's key and the run's), so an event
// that opens was made by the worker whose key it names, or by the sender itself.
//
//   "ftl-evnt" | version 1 (1) | the worker's key (32) | session (16)
//   | number (8, big endian) | AES-256-GCM ciphertext | tag (16)
//
// A worker uses a random session for each run that it opens, so that a worker that was
// killed never encrypts two events with one key and number. Numbers count from 0: the
// reader sees what is missing, repeated or out of order.
//
// There is an event for each begin and each result of a host. WebCrypto takes a thread
// for each, three times the CPU time of the calls of node:crypto.
import { createCipheriv, createDecipheriv } from "node:crypto";
import { FtlError } from "../../../errors.ts";
import { joinBytes } from "../../../join_bytes.ts";
import {
  encryptionKey,
  type ExchangeKey,
  PUBLIC_KEY_BYTES,
  sharedSecret,
} from "./exchange_key.ts";
import { workerKeyText } from "./worker_key.ts";

const START = Uint8Array.from([...new TextEncoder().encode("ftl-evnt"), 1]);
const SESSION_BYTES = 16;
const SESSION_AT = START.length + PUBLIC_KEY_BYTES;
const NUMBER_AT = SESSION_AT + SESSION_BYTES;
const CONTENT_AT = NUMBER_AT + 8;
const TAG_BYTES = 16;
const CIPHER = "aes-256-gcm";

/** The most sessions of workers that a reader keeps the keys of. */
const MAX_SESSIONS = 10_000;

type Bytes = Uint8Array<ArrayBuffer>;

/** Seals the events of one run at one worker. */
export class EventSealer {
  readonly #head: Bytes;
  readonly #key: Bytes;
  readonly #run: string;
  #next = 0;

  private constructor(head: Bytes, key: Bytes, run: string) {
    this.#head = head;
    this.#key = key;
    this.#run = run;
  }

  /**
   * Starts a session.
   *
   * @param receiver The run's key, from its grant.
   * @throws {FtlError} when the receiver's key cannot be used.
   */
  static async open(
    { workerKey, receiver, run }: {
      workerKey: ExchangeKey;
      receiver: Uint8Array;
      run: string;
    },
  ): Promise<EventSealer> {
    const session = crypto.getRandomValues(new Uint8Array(SESSION_BYTES));
    const key = await sessionKey(workerKey.privateKey, receiver, {
      ...{ session, run, receiver },
      worker: workerKey.publicKey,
    });
    const head = joinBytes([START, workerKey.publicKey, session]);
    return new EventSealer(head, key, run);
  }

  /** Seals the next event. */
  seal(event: Uint8Array): Bytes {
    const head = joinBytes([this.#head, new Uint8Array(8)]);
    const number = BigInt(this.#next++);
    new DataView(head.buffer).setBigUint64(NUMBER_AT, number);
    const cipher = createCipheriv(CIPHER, this.#key, nonceOf(head));
    cipher.setAAD(boundTo(head, this.#run));
    const content = [cipher.update(event), cipher.final()];
    return joinBytes([head, ...content, cipher.getAuthTag()]);
  }
}

/** Whether bytes look like a sealed event. */
export function isSealedEvent(bytes: Uint8Array): boolean {
  return START.every((byte, i) => bytes[i] === byte);
}

/** An event that was opened. */
export interface OpenedEvent {
  /** The key of the worker that made it: `ftl-worker-…`. */
  readonly worker: string;
  /** Another for each start of a worker and each run, in hex. */
  readonly session: string;
  /** Counted from 0 in its session. */
  readonly number: number;
  readonly event: Bytes;
}

/** Opens the events of one run. */
export class EventOpener {
  readonly #receiver: ExchangeKey;
  readonly #run: string;
  readonly #most: number;
  readonly #sessions = new Map<
    string,
    { readonly worker: string; readonly key: Bytes }
  >();

  /**
   * @param receiver The run's key pair.
   * @param options `most`: the sessions whose keys are kept; default 10 000.
   */
  constructor(
    receiver: ExchangeKey,
    { run, most = MAX_SESSIONS }: { run: string; most?: number },
  ) {
    this.#receiver = receiver;
    this.#run = run;
    this.#most = most;
  }

  /**
   * Opens an event. It says which worker made it, not whether that worker is trusted.
   *
   * @throws {FtlError} when it was changed or cut, or is of another run.
   */
  async open(sealed: Uint8Array): Promise<OpenedEvent> {
    const bytes = Uint8Array.from(sealed);
    const isWhole = START.every((byte, i) => bytes[i] === byte) &&
      bytes.length >= CONTENT_AT + TAG_BYTES;
    if (!isWhole) throw refusal("it does not have the form of one");
    const head = bytes.subarray(0, CONTENT_AT);
    const number = new DataView(bytes.buffer).getBigUint64(NUMBER_AT);
    if (number > Number.MAX_SAFE_INTEGER) {
      throw refusal("its number is too big");
    }
    try {
      const { worker, key, session } = await this.#session(head);
      const decipher = createDecipheriv(CIPHER, key, nonceOf(head));
      decipher.setAAD(boundTo(head, this.#run));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const content = bytes.subarray(CONTENT_AT, -TAG_BYTES);
      // The end throws when it was changed.
      const event = joinBytes([decipher.update(content), decipher.final()]);
      // Only now is it known that the worker has the key that it names.
      this.#keep(session, { worker, key });
      return {
        worker,
        session: session.slice(-2 * SESSION_BYTES),
        number: Number(number),
        event,
      };
    } catch (cause) {
      if (cause instanceof FtlError) throw cause;
      throw refusal("it was changed on the way, or is of another run", cause);
    }
  }

  /** Strangers may open sessions too: the oldest one is forgotten, and made again. */
  #keep(session: string, known: { worker: string; key: Bytes }): void {
    if (this.#sessions.has(session)) return;
    if (this.#sessions.size >= this.#most) {
      this.#sessions.delete(this.#sessions.keys().next().value!);
    }
    this.#sessions.set(session, known);
  }

  async #session(head: Bytes) {
    const session = head.subarray(START.length, NUMBER_AT).toHex();
    const known = this.#sessions.get(session);
    if (known !== undefined) return { session, ...known };
    const worker = head.slice(START.length, SESSION_AT);
    const { privateKey, publicKey: receiver } = this.#receiver;
    const key = await sessionKey(privateKey, worker, {
      session: head.slice(SESSION_AT, NUMBER_AT),
      ...{ run: this.#run, worker, receiver },
    });
    return { session, key, worker: await workerKeyText(worker) };
  }
}

async function sessionKey(
  own: CryptoKey,
  other: Uint8Array,
  { session, run, worker, receiver }: {
    session: Bytes;
    run: string;
    worker: Uint8Array;
    receiver: Uint8Array;
  },
): Promise<Bytes> {
  try {
    return await encryptionKey(await sharedSecret(own, other), {
      salt: joinBytes([session, worker, receiver]),
      info: contextOf(run),
    });
  } catch (cause) {
    throw refusal("the key that it names is not a valid key", cause);
  }
}

/** The number is the nonce; it never repeats in a session. */
function nonceOf(head: Bytes): Bytes {
  return joinBytes([new Uint8Array(4), head.subarray(NUMBER_AT)]);
}

function boundTo(head: Bytes, run: string): Bytes {
  return joinBytes([head, contextOf(run)]);
}

function contextOf(run: string): Bytes {
  return new TextEncoder().encode(JSON.stringify(["ftl events 1", run]));
}

function refusal(why: string, cause?: unknown): FtlError {
  return new FtlError(`Cannot open an event of the run: ${why}`, {
    hint: "Check who can write to the NATS server",
    cause,
  });
}
