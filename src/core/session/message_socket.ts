// Messages on a Unix socket, or on the pipes to a child process (docs/engines.md).
// Both ends are ftl, of one build and one user, so what arrives is trusted; a fault
// in it ends the socket all the same.
import { startTimer } from "../../async/timer.ts";
import { parseExact } from "../../json/exact_json.ts";
import { isCount, isObject } from "../../protocol/body.ts";
import { FrameDecoder } from "../../protocol/frame.ts";
import { MAX_WHOLE } from "../../protocol/limits.ts";
import type { Json } from "../../protocol/message.ts";
import type { ByteCarrier } from "./byte_carrier.ts";
import { MessageBuffer } from "./message_buffer.ts";

/** A message: its type, its data, and an id whose meaning the type decides. */
export interface SocketMessage {
  readonly type: string;
  readonly data: Record<string, unknown>;
  readonly id: number;
  /** Bytes that it carries besides. */
  readonly bytes?: Uint8Array | undefined;
}

/** With as many bytes that were not read, there is no room for more. */
const MAX_WAITING = 4 * 1024 * 1024;

/** Beyond this many bytes that were not read, the peer counts as hanging. */
const MAX_UNREAD = 512 * 1024 * 1024;

/** As many bytes do not wait for others. */
const MAX_GATHERED = 64 * 1024;

const NEWLINE = 10;

const UNREADABLE = "Cannot read a message of a session";

const decoder = new TextDecoder();

/** How messages are sent. */
export interface SocketOptions {
  /**
   * How long messages wait for others after a write, in ms, because a write costs
   * several messages. One after a pause is written at once. Default: 0.
   */
  readonly gatherMs?: number | undefined;
}

/** One end of a socket. */
export class MessageSocket {
  readonly #carrier: ByteCarrier;
  readonly #gatherMs: number;
  readonly #waiting = new MessageBuffer();
  #writing: Promise<void> | undefined;
  /** Ends the wait for other messages. */
  #endGathering = () => {};
  #room: PromiseWithResolvers<void> | undefined;
  #isOpen = true;

  constructor(carrier: ByteCarrier, { gatherMs = 0 }: SocketOptions = {}) {
    this.#carrier = carrier;
    this.#gatherMs = gatherMs;
  }

  /** Whether messages can be sent. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** How many bytes wait to be written. */
  get unread(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves when there is room for messages that can wait; undefined when there is
   * now. On a closed socket there is.
   */
  room(): Promise<void> | undefined {
    if (this.#waiting.length < MAX_WAITING || !this.#isOpen) return undefined;
    return (this.#room ??= Promise.withResolvers<void>()).promise;
  }

  /** Sends a message, after those before it. On a closed socket it is dropped. */
  send(type: string, data: object, id = 0, bytes?: Uint8Array): void {
    if (!this.#isOpen) return;
    const text = JSON.stringify([type, data, id]);
    if (text.length + (bytes?.length ?? 0) <= MAX_WHOLE) {
      this.#waiting.add(text, bytes);
    } else this.#sendParts(text, bytes);
    if (this.#waiting.length > MAX_UNREAD) return this.close();
    if (this.#waiting.length > MAX_GATHERED) this.#endGathering();
    this.#writing ??= this.#write();
  }

  /** Resolves when what was sent has been written, or cannot be. */
  async flushed(): Promise<void> {
    while (this.#writing !== undefined) {
      this.#endGathering();
      await this.#writing;
    }
  }

  /** The messages of the peer, until either end closes the socket. */
  async *messages(): AsyncGenerator<SocketMessage, void, void> {
    const frames = new FrameDecoder();
    let parts: Uint8Array[] = [];
    try {
      for (;;) {
        const chunk = await this.#carrier.read().catch(() => undefined);
        if (chunk === undefined || !this.#isOpen) return;
        for (const body of frames.push(chunk)) {
          const message = readMessage(body);
          if (message.type !== "Part" && message.type !== "Last") {
            yield message;
            continue;
          }
          if (message.bytes === undefined) throw new SyntaxError(UNREADABLE);
          parts.push(message.bytes);
          if (message.type === "Part") continue;
          const whole = await new Blob(parts as BlobPart[]).arrayBuffer();
          parts = [];
          yield readMessage(new Uint8Array(whole));
        }
      }
    } finally {
      this.close();
    }
  }

  /** Closes the socket. May be called twice. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#waiting.clear();
    this.#endGathering();
    this.#makeRoom();
    try {
      this.#carrier.close();
    } catch {
      // The peer was faster.
    }
  }

  #sendParts(text: string, bytes: Uint8Array | undefined): void {
    const whole = new MessageBuffer();
    whole.addBody(text, bytes);
    const body = whole.take();
    for (let at = 0; at < body.length; at += MAX_WHOLE) {
      const kind = at + MAX_WHOLE < body.length ? "Part" : "Last";
      const part = body.subarray(at, at + MAX_WHOLE);
      this.#waiting.add(JSON.stringify([kind, {}, 0]), part);
    }
  }

  async #write(): Promise<void> {
    // What is sent in one turn is written at once.
    await Promise.resolve();
    while (this.#waiting.length > 0 && this.#isOpen) {
      const batch = this.#waiting.take();
      for (let at = 0; at < batch.length;) {
        try {
          at += await this.#carrier.write(batch.subarray(at));
        } catch {
          this.close(); // the reading end reports the loss
          break;
        }
      }
      if (this.#waiting.length < MAX_WAITING) this.#makeRoom();
      if (this.#gatherMs > 0) await this.#gather();
    }
    // At once: what is sent from now on starts the next writing.
    this.#writing = undefined;
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  async #gather(): Promise<void> {
    if (this.#waiting.length > MAX_GATHERED || !this.#isOpen) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const stopTimer = startTimer(resolve, this.#gatherMs);
    this.#endGathering = resolve;
    await promise;
    this.#endGathering = () => {};
    stopTimer();
  }
}

/** @throws {SyntaxError} when a body is not a message. */
function readMessage(body: Uint8Array): SocketMessage {
  const end = body.indexOf(NEWLINE);
  const text = end === -1 ? body : body.subarray(0, end);
  const [type, data, id, ...rest] = parseParts(decoder.decode(text));
  const isMessage = typeof type === "string" && isObject(data as Json) &&
    isCount(id as Json) && rest.length === 0;
  if (!isMessage) throw new SyntaxError(UNREADABLE);
  // A copy: the body is a view of the buffer that is read into.
  return {
    type,
    data: data as Record<string, unknown>,
    id: id as number,
    bytes: end === -1 ? undefined : body.slice(end + 1),
  };
}

function parseParts(text: string): unknown[] {
  try {
    const value = parseExact(text);
    return Array.isArray(value) ? value : [];
  } catch {
    throw new SyntaxError(UNREADABLE); // the engine's message quotes the text
  }
}
