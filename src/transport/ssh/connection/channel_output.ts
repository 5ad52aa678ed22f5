// An output of a channel: as a stream of the Web, or given to a taker as it comes.
// Until one of the two is used, it is paused.
import type { Readable } from "node:stream";
import type { OutputName, OutputTaker } from "../../transport.ts";

/** How much of an output is read ahead. */
const READ_AHEAD = new ByteLengthQueuingStrategy({ highWaterMark: 64 * 1024 });

/** One output of a command. */
export class ChannelOutput {
  readonly #source: Readable;
  #stream: ReadableStream<Uint8Array> | undefined;
  /** Reads no more from the source. Undefined until the output is used. */
  #stop: (() => void) | undefined;
  #isEnded = false;

  constructor(source: Readable) {
    this.#source = source;
    source.pause();
  }

  /** The output as a stream. */
  get stream(): ReadableStream<Uint8Array> {
    return this.#stream ??= this.#open();
  }

  /** Gives the output to a taker. */
  give(name: OutputName, taker: OutputTaker): void {
    const source = this.#source;
    const take = (chunk: Uint8Array) => {
      const wait = taker.take(name, chunk);
      if (wait === undefined) return;
      source.pause();
      void wait.then(() => source.resume());
    };
    const ended = () => this.end();
    this.#stop = () => {
      source.off("data", take).off("end", ended);
      taker.ended(name);
    };
    if (this.#isEnded) return this.#stop();
    source.on("data", take).once("end", ended);
    source.resume();
  }

  /** Ends it, and drops what is still to come. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#stop?.();
    this.#source.resume();
  }

  #open(): ReadableStream<Uint8Array> {
    const source = this.#source;
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const enqueue = (chunk: Uint8Array) => {
      controller.enqueue(chunk);
      if ((controller.desiredSize ?? 0) <= 0) source.pause();
    };
    const ended = () => this.end();
    const stop = () => source.off("data", enqueue).off("end", ended);
    this.#stop = () => {
      stop();
      controller.close();
    };
    return new ReadableStream<Uint8Array>({
      start: (c) => {
        controller = c;
        if (this.#isEnded) return controller.close();
        source.on("data", enqueue).once("end", ended);
        source.resume();
      },
      pull: () => {
        source.resume();
      },
      cancel: () => {
        this.#stop = stop;
        this.end();
      },
    }, READ_AHEAD);
  }
}
