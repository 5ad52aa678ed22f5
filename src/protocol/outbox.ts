// The order in which a channel sends. Requests leave in the order in which they
// were made. While a large one leaves in parts, only messages that must never
// wait (pings, and the cancelling of calls that were sent) overtake it.
import { encodeBody } from "./body.ts";
import { encodeFrame } from "./frame.ts";
import { MAX_BODY, MAX_WHOLE } from "./limits.ts";
import type { Message } from "./message.ts";
import { splitBody } from "./series.ts";

/** Takes bytes for the gate; a promise resolves when it can take the next part. */
export type FrameWriter = (bytes: Uint8Array) => void | Promise<void>;

interface Entry {
  readonly id: number;
  readonly body: Uint8Array;
}

/** Turns messages into frames and hands them to `write`. */
export class Outbox {
  /** While it is not empty, its first entry is being sent. */
  #queue: Entry[] = [];
  readonly #write: FrameWriter;
  readonly #onFailure: (error: unknown) => void;

  /** `onFailure` is called when `write` throws or rejects. */
  constructor(write: FrameWriter, onFailure: (error: unknown) => void) {
    this.#write = write;
    this.#onFailure = onFailure;
  }

  /**
   * Sends a message after all earlier ones.
   *
   * @throws {RangeError} when its body is longer than 64 MiB.
   */
  send(message: Message): void {
    const entry = { id: message[2], body: encodeBody(message) };
    if (entry.body.length > MAX_BODY) {
      throw new RangeError(
        `Cannot send a ${
          message[0]
        }: it has ${entry.body.length} bytes, more than ${MAX_BODY}`,
      );
    }
    if (this.#queue.length === 0 && entry.body.length <= MAX_WHOLE) {
      this.#put(entry.body);
      return;
    }
    this.#queue.push(entry);
    if (this.#queue.length === 1) void this.#drain();
  }

  /** Sends a small message at once, but never before the request with its id. */
  sendUrgent(message: Message): void {
    const entry = { id: message[2], body: encodeBody(message) };
    const at = this.#queue.findIndex((each) => each.id === entry.id);
    if (at < 0) this.#put(entry.body);
    else this.#queue.splice(at + 1, 0, entry);
  }

  /** Drops what has not been sent. */
  clear(): void {
    this.#queue = [];
  }

  async #drain(): Promise<void> {
    let entry: Entry | undefined;
    while ((entry = this.#queue[0]) !== undefined) {
      if (entry.body.length <= MAX_WHOLE) {
        this.#put(entry.body);
      } else {
        for (const part of splitBody(entry.body, entry.id)) {
          await this.#put(part);
          if (this.#queue[0] !== entry) return;
        }
      }
      this.#queue.shift();
    }
  }

  #put(body: Uint8Array): void | Promise<void> {
    try {
      return this.#write(encodeFrame(body))?.catch(this.#onFailure);
    } catch (error) {
      this.#onFailure(error);
    }
  }
}
