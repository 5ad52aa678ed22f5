// Messages on a Unix socket: frames as between controller and gate (docs/engines.md).
// Both ends are ftl, of one build and one user, so what arrives is trusted; a fault
// in it ends the socket all the same.
import { parseExact } from "../../json/exact_json.ts";
import { encodeFrame, FrameDecoder } from "../../protocol/frame.ts";
import { MAX_WHOLE } from "../../protocol/limits.ts";

/** A message: its type, its data, and an id whose meaning the type decides. */
export interface SocketMessage {
  readonly type: string;
  readonly data: Record<string, unknown>;
  readonly id: number;
}

/** Beyond this many bytes that were not read, the peer counts as hanging. */
const MAX_UNREAD = 512 * 1024 * 1024;

/** How much is read at a time. */
const READ_BYTES = 64 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One end of a socket. */
export class MessageSocket {
  readonly #connection: Deno.Conn;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #isOpen = true;

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Whether messages can be sent. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Sends a message, after those before it. On a closed socket it is dropped. */
  send(type: string, data: object, id = 0): void {
    if (!this.#isOpen) return;
    const body = encoder.encode(JSON.stringify([type, data, id]));
    if (body.length <= MAX_WHOLE) return this.#push(body);
    for (let at = 0; at < body.length; at += MAX_WHOLE) {
      const part = body.subarray(at, at + MAX_WHOLE).toBase64();
      const kind = at + MAX_WHOLE < body.length ? "Part" : "Last";
      this.#push(encoder.encode(JSON.stringify([kind, { part }, 0])));
    }
  }

  /** Resolves when what was sent has been written, or cannot be. */
  async flushed(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  /** The messages of the peer, until either end closes the socket. */
  async *messages(): AsyncGenerator<SocketMessage, void, void> {
    const frames = new FrameDecoder();
    let parts: Uint8Array[] = [];
    const buffer = new Uint8Array(READ_BYTES);
    try {
      for (;;) {
        const count = await this.#connection.read(buffer).catch(() => null);
        if (count === null || !this.#isOpen) return;
        for (const body of frames.push(buffer.subarray(0, count))) {
          const message = readMessage(body);
          if (message.type !== "Part" && message.type !== "Last") {
            yield message;
            continue;
          }
          parts.push(Uint8Array.fromBase64(message.data.part as string));
          if (message.type === "Part") continue;
          const whole = new Uint8Array(
            await new Blob(parts as BlobPart[])
              .arrayBuffer(),
          );
          parts = [];
          yield readMessage(whole);
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
    this.#waiting = [];
    try {
      this.#connection.close();
    } catch {
      // The peer was faster.
    }
  }

  #push(body: Uint8Array): void {
    const frame = encodeFrame(body);
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
    if (this.#waitingBytes > MAX_UNREAD) return this.close();
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    // What is sent in one turn is written at once.
    await Promise.resolve();
    while (this.#waiting.length > 0 && this.#isOpen) {
      const batch = this.#takeBatch();
      for (let at = 0; at < batch.length;) {
        try {
          at += await this.#connection.write(batch.subarray(at));
        } catch {
          this.close(); // the reading end reports the loss
          break;
        }
      }
      this.#waitingBytes -= batch.length;
    }
    // At once: what is sent from now on starts the next writing.
    this.#writing = undefined;
  }

  #takeBatch(): Uint8Array {
    const frames = this.#waiting;
    this.#waiting = [];
    if (frames.length === 1) return frames[0]!;
    const length = frames.reduce((sum, frame) => sum + frame.length, 0);
    const batch = new Uint8Array(length);
    let at = 0;
    for (const frame of frames) {
      batch.set(frame, at);
      at += frame.length;
    }
    return batch;
  }
}

/** @throws {SyntaxError} when a body is not a message. */
function readMessage(body: Uint8Array): SocketMessage {
  const value = parseExact(decoder.decode(body));
  if (!Array.isArray(value) || value.length !== 3) {
    throw new SyntaxError("Cannot read a message of a session");
  }
  const [type, data, id] = value;
  return { type, data, id };
}
