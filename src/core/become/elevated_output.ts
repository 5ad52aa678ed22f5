// An output of a stream whose command runs as another user. Everything before the
// sentinel of that user's shell is noise and reports; the rest is the command's.
import { OpeningLines } from "../../gate/open/opening_lines.ts";

/** An output that starts after the line `in`. */
export class ElevatedOutput {
  readonly stream: ReadableStream<Uint8Array>;
  /** Resolves at that line to true, at the end of the output to false. */
  readonly begun: Promise<boolean>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #lines: OpeningLines;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #rest: Uint8Array | undefined;
  #hasEnded = false;

  constructor(
    source: ReadableStream<Uint8Array>,
    { nonce, onLine }: {
      nonce: string;
      onLine: (word: string, text: string) => void;
    },
  ) {
    this.#reader = source.getReader();
    this.#lines = new OpeningLines(nonce, "in");
    this.begun = this.#begin(onLine);
    this.begun.catch(() => {});
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: async () => {
        const chunk = await this.#next();
        if (chunk === undefined) this.end();
        else if (!this.#hasEnded) this.#controller.enqueue(chunk);
      },
      cancel: async () => {
        this.#hasEnded = true;
        // Closing the output earlier would end a shell that is still starting.
        await this.begun.catch(() => {});
        await this.#reader.cancel();
      },
    }, { highWaterMark: 0 });
  }

  /** The output before that line. */
  get noise(): string {
    return this.#lines.noise;
  }

  /** Ends the stream, and drops the rest of the output. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#controller.close();
    // It broke or has ended: there is nothing to drop.
    this.#reader.cancel().catch(() => {});
  }

  async #next(): Promise<Uint8Array | undefined> {
    const hasBegun = await this.begun.catch(() => false);
    if (!hasBegun) return undefined;
    const rest = this.#rest;
    this.#rest = undefined;
    return rest ?? (await this.#reader.read()).value;
  }

  async #begin(
    onLine: (word: string, text: string) => void,
  ): Promise<boolean> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return false;
      for (const { word, text } of this.#lines.push(value)) {
        if (word !== "in") onLine(word, text);
        else {
          if (this.#lines.rest.length > 0) this.#rest = this.#lines.rest;
          return true;
        }
      }
    }
  }
}
