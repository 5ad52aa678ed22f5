// Tells how far the files of one host have come, as progress events: not more
// often than people can see.
import type { CallEvent } from "../../protocol/message.ts";

const EVERY_MS = 500;

/** Counts bytes and tells of them. */
export class TransferProgress {
  readonly #onEvent: (event: CallEvent) => void;
  #bytes = 0;
  #of = 0;
  #toldAt = performance.now();

  constructor(onEvent: (event: CallEvent) => void) {
    this.#onEvent = onEvent;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How many bytes there will be. */
  expect(of: number): void {
    this.#of = of;
  }

  count(bytes: number): void {
    this.#bytes += bytes;
    const now = performance.now();
    if (now - this.#toldAt < EVERY_MS) return;
    this.#toldAt = now;
    const data = { bytes: this.#bytes, of: this.#of };
    this.#onEvent({ type: "Progress", data: { data } });
  }

  /** Counts what passes. */
  async *over(
    content: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of content) {
      yield chunk;
      this.count(chunk.length);
    }
  }
}
