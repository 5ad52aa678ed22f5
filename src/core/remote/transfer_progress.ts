// Reports the progress of one host's files as events, a few times a second at
// most.
import type { CallEvent } from "../../protocol/message.ts";

const EVERY_MS = 500;

/** Counts the bytes of one host, and reports them. */
export class TransferProgress {
  readonly #onEvent: (event: CallEvent) => void;
  #bytes = 0;
  #of = 0;
  #reportedAt = performance.now();

  constructor(onEvent: (event: CallEvent) => void) {
    this.#onEvent = onEvent;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Expects this many more bytes than were counted. */
  expect(bytes: number): void {
    this.#of = this.#bytes + bytes;
  }

  count(bytes: number): void {
    this.#bytes += bytes;
    const now = performance.now();
    if (now - this.#reportedAt < EVERY_MS) return;
    this.#reportedAt = now;
    const data = { bytes: this.#bytes, of: this.#of };
    this.#onEvent({ type: "Progress", data: { data } });
  }

  /** Passes content on, and counts it. */
  async *over(
    content: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of content) {
      yield chunk;
      this.count(chunk.length);
    }
  }
}
