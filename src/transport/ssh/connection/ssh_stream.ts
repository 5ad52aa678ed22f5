// One channel of ssh2 as a Stream. Both directions have backpressure: a write waits
// until the host's window and the connection have room, and an output that is not
// read is paused, so that the window closes. A chunk is never copied, and a write
// that does not have to wait makes no promise.
import { shrinkListeners } from "../library/spare_memory.ts";
import type { ClientChannel } from "../library/ssh2.ts";
import type {
  Exit,
  OutputTaker,
  Stream,
  StreamInput,
} from "../../transport.ts";
import { type Carrier, ChannelInput } from "./channel_input.ts";
import { ChannelOutput } from "./channel_output.ts";

const UNKNOWN: Exit = { code: null, signal: null, lost: true };

/** A stream that its connection can mark as lost. */
export class SshStream implements Stream {
  readonly #channel: ClientChannel;
  readonly #onEnd: (stream: SshStream) => void;
  readonly #exit = Promise.withResolvers<Exit>();
  readonly #input: ChannelInput;
  readonly #stdout: ChannelOutput;
  readonly #stderr: ChannelOutput;
  #ended = false;

  /** @param onEnd called once, when the channel has ended */
  constructor(
    channel: ClientChannel,
    { carrier, onEnd }: {
      carrier: Carrier;
      onEnd: (stream: SshStream) => void;
    },
  ) {
    this.#input = new ChannelInput(channel, carrier);
    this.#stdout = new ChannelOutput(channel);
    this.#stderr = new ChannelOutput(channel.stderr);
    this.#channel = channel;
    this.#onEnd = onEnd;
    channel.destroy = destroyChannel;
    channel.once("exit", (code: number | null, signal?: string) => {
      const name = signal?.replace(/^SIG/, "") ?? null;
      this.#exit.resolve({ code, signal: name, lost: false });
      this.#input.fail();
    });
    channel.once("close", () => this.lose());
  }

  get stdin(): WritableStream<Uint8Array> {
    return this.#input.stream;
  }

  get stdout(): ReadableStream<Uint8Array> {
    return this.#stdout.stream;
  }

  get stderr(): ReadableStream<Uint8Array> {
    return this.#stderr.stream;
  }

  get exit(): Promise<Exit> {
    return this.#exit.promise;
  }

  get freed(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) =>
      this.#channel.once("close", () => resolve())
    );
  }

  attach(taker: OutputTaker): StreamInput {
    this.#stdout.give("stdout", taker);
    this.#stderr.give("stderr", taker);
    shrinkListeners(this.#channel);
    return this.#input;
  }

  close(): void {
    // The channel counts as open until both outputs have been read to the end.
    this.#stdout.end();
    this.#stderr.end();
    if (!this.#ended) this.#channel.close();
    this.lose();
  }

  /** The channel has ended; unless an exit status came, the outcome is unknown. */
  lose(fault?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#exit.resolve(fault === undefined ? UNKNOWN : { ...UNKNOWN, fault });
    this.#input.fail();
    this.#onEnd(this);
  }
}

/**
 * Node calls it when both directions have ended. The one of ssh2 (lib/Channel.js) ends
 * the input again, for which Node makes an error with its stack that nothing reads: 3%
 * of what a host costs.
 */
function destroyChannel(this: ClientChannel): ClientChannel {
  if (!this.writableEnded) this.end();
  this.close();
  return this;
}
