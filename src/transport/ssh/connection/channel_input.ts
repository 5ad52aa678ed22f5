// The input of a channel: as a stream of the Web, or written to directly.
import type { ClientChannel } from "../library/ssh2.ts";
import type { StreamInput } from "../../transport.ts";

/** The carrier of all packets of a connection. */
export interface Carrier {
  /** Settles when it has room for more; undefined when it has room now. */
  readonly relief: Promise<void> | undefined;
}

/** The input of a command. */
export class ChannelInput implements StreamInput {
  readonly #channel: ClientChannel;
  readonly #carrier: Carrier;
  #stream: WritableStream<Uint8Array> | undefined;
  #controller: WritableStreamDefaultController | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;
  #hasFailed = false;

  constructor(channel: ClientChannel, carrier: Carrier) {
    this.#channel = channel;
    this.#carrier = carrier;
  }

  /** The input as a stream. */
  get stream(): WritableStream<Uint8Array> {
    return this.#stream ??= new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
        if (this.#hasFailed) controller.error(hasEnded());
      },
      write: (chunk) => this.write(chunk),
      close: () => this.end(),
      abort: () => this.end(),
    });
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    const channel = this.#channel;
    if (this.#hasFailed || !channel.writable || channel.writableEnded) {
      throw hasEnded();
    }
    channel.write(chunk, this.#taken);
    if (channel.writableLength === 0) return this.#carrier.relief;
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise.then(() => this.#carrier.relief);
  }

  end(): void {
    this.#channel.end();
  }

  /** Fails the writes that are still to come. */
  fail(): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#controller?.error(hasEnded());
    this.#waiting?.reject(hasEnded());
    this.#waiting = undefined;
  }

  readonly #taken = (): void => {
    if (this.#waiting === undefined || this.#channel.writableLength > 0) return;
    this.#waiting.resolve();
    this.#waiting = undefined;
  };
}

function hasEnded(): Error {
  return new Error("Cannot write: the command has ended");
}
