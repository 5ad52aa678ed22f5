// Standard input that many hosts read, each from its start and at its own pace. It
// is read once, as fast as the fastest host, and kept for hosts that start later.
// Bounded: more than `maxBytes` is an error on every host that gets there.
import { CallError } from "../../errors.ts";

/** The most bytes of standard input for hosts. */
const MAX_BYTES = 256 * 1024 * 1024;

/** The standard input of a command; `chunks` is called for each host. */
export interface CommandInput {
  chunks(): AsyncIterable<Uint8Array>;
}

/** One input for many hosts. */
export class HostInput implements CommandInput {
  readonly #chunks: Uint8Array[] = [];
  readonly #source: ReadableStreamDefaultReader<Uint8Array>;
  readonly #maxBytes: number;
  #length = 0;
  #end: { error?: unknown } | undefined;
  #reading: Promise<void> | undefined;

  constructor(
    source: ReadableStream<Uint8Array>,
    { maxBytes = MAX_BYTES }: { maxBytes?: number } = {},
  ) {
    this.#source = source.getReader();
    this.#maxBytes = maxBytes;
  }

  /**
   * The whole input, for one host.
   *
   * @throws {CallError} when it is longer than the limit.
   */
  async *chunks(): AsyncGenerator<Uint8Array, void, void> {
    for (let next = 0;; next++) {
      while (next >= this.#chunks.length) {
        if (this.#end !== undefined) {
          if (this.#end.error !== undefined) throw this.#end.error;
          return;
        }
        await (this.#reading ??= this.#read());
      }
      yield this.#chunks[next]!;
    }
  }

  /** Reads one chunk, for all hosts that wait. Never rejects. */
  async #read(): Promise<void> {
    try {
      const { value, done } = await this.#source.read();
      if (done) this.#end = {};
      else {
        this.#length += value.length;
        if (this.#length > this.#maxBytes) throw tooLong(this.#maxBytes);
        this.#chunks.push(value);
      }
    } catch (error) {
      this.#end = { error };
      this.#source.cancel().catch(() => {});
    } finally {
      this.#reading = undefined;
    }
  }
}

function tooLong(maxBytes: number): CallError {
  return new CallError(
    `Cannot send standard input: it is longer than ${maxBytes} bytes`,
    { hint: "Push it as a file: ftl push SRC DEST" },
  );
}
