// One channel of ssh2 as a Stream. Both directions have backpressure: a write waits
// until the host's window and the connection have room, and an output that is not
// read is paused, so that the window closes. A chunk is never copied, and a write
// that does not have to wait makes no promise.
import type { Readable } from "node:stream";
import type { ClientChannel } from "../library/ssh2.ts";
import type { Exit, Stream } from "../../transport.ts";

/** How much of an output is read ahead. */
const READ_AHEAD = new ByteLengthQueuingStrategy({ highWaterMark: 64 * 1024 });

const UNKNOWN: Exit = { code: null, signal: null, lost: true };

/** The carrier of all packets of a connection. */
export interface Carrier {
  /** Settles when it has room for more; undefined when it has room now. */
  readonly relief: Promise<void> | undefined;
}

/** A stream that its connection can mark as lost. */
export class SshStream implements Stream {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exit: Promise<Exit>;
  readonly #channel: ClientChannel;
  readonly #onEnd: (stream: SshStream) => void;
  readonly #settleExit: (exit: Exit) => void;
  readonly #endInput: () => void;
  readonly #endOutputs: () => void;
  #ended = false;

  /** @param onEnd called once, when the channel has ended */
  constructor(
    channel: ClientChannel,
    { carrier, onEnd }: {
      carrier: Carrier;
      onEnd: (stream: SshStream) => void;
    },
  ) {
    const exit = Promise.withResolvers<Exit>();
    const input = writableOf(channel, carrier);
    const stdout = readableOf(channel);
    const stderr = readableOf(channel.stderr);
    this.stdin = input.stream;
    this.stdout = stdout.stream;
    this.stderr = stderr.stream;
    this.exit = exit.promise;
    this.#channel = channel;
    this.#onEnd = onEnd;
    this.#settleExit = exit.resolve;
    this.#endInput = input.end;
    this.#endOutputs = () => {
      stdout.end();
      stderr.end();
    };
    channel.once("exit", (code: number | null, signal?: string) => {
      const name = signal?.replace(/^SIG/, "") ?? null;
      exit.resolve({ code, signal: name, lost: false });
      input.end();
    });
    channel.once("close", () => this.lose());
  }

  close(): void {
    // The channel counts as open until both outputs have been read to the end.
    this.#endOutputs();
    if (!this.#ended) this.#channel.close();
    this.lose();
  }

  /** The channel has ended; unless an exit status came, the outcome is unknown. */
  lose(fault?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#settleExit(fault === undefined ? UNKNOWN : { ...UNKNOWN, fault });
    this.#endInput();
    this.#onEnd(this);
  }
}

/** The web stream of an output; `end` drops what is still to come. */
function readableOf(
  source: Readable,
): { stream: ReadableStream<Uint8Array>; end: () => void } {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let open = true;
  const enqueue = (chunk: Uint8Array) => {
    controller.enqueue(chunk);
    if ((controller.desiredSize ?? 0) <= 0) source.pause();
  };
  const drop = () => {
    open = false;
    source.off("data", enqueue);
    source.resume();
  };
  const end = () => {
    if (!open) return;
    drop();
    controller.close();
  };
  const stream = new ReadableStream<Uint8Array>({
    start: (c) => {
      controller = c;
      source.on("data", enqueue);
      source.once("end", end);
    },
    pull: () => {
      source.resume();
    },
    cancel: drop,
  }, READ_AHEAD);
  return { stream, end };
}

/** The web stream of an input; `end` fails the writes that are still to come. */
function writableOf(
  channel: ClientChannel,
  carrier: Carrier,
): { stream: WritableStream<Uint8Array>; end: () => void } {
  let controller: WritableStreamDefaultController;
  let waiting: PromiseWithResolvers<void> | undefined;
  const ended = () => new Error("Cannot write: the command has ended");
  const taken = () => {
    if (waiting === undefined || channel.writableLength > 0) return;
    waiting.resolve();
    waiting = undefined;
  };
  const end = () => {
    controller.error(ended());
    waiting?.reject(ended());
    waiting = undefined;
  };
  const stream = new WritableStream<Uint8Array>({
    start: (c) => {
      controller = c;
    },
    write: (chunk) => {
      if (!channel.writable || channel.writableEnded) throw ended();
      channel.write(chunk, taken);
      if (channel.writableLength === 0) return carrier.relief;
      waiting = Promise.withResolvers();
      return waiting.promise.then(() => carrier.relief);
    },
    close: () => {
      channel.end();
    },
    abort: () => {
      channel.end();
    },
  });
  return { stream, end };
}
