// One session channel as a Stream. Both directions have backpressure by the
// windows of RFC 4254, section 5.2: the host may send only what was read, and a
// write waits until the host accepts more.
import type { Exit, Stream } from "../transport.ts";
import {
  FloodError,
  LARGE_ADJUSTMENT,
  SMALL_ADJUSTMENT,
  type UselessMessages,
  WIDEST_WINDOW,
} from "../useless.ts";
import { type Fields, MESSAGE } from "./mux_packet.ts";

/** How many bytes a host may send before they are read. */
export const WINDOW = 2 * 1024 * 1024;

/** The only kind of extended data (RFC 4254, section 5.2). */
const STDERR = 1;

/** Longer chunks are not joined with others. */
const SMALL = 1024;
const ROOM = 16 * 1024;

const UNKNOWN: Exit = { code: null, signal: null, lost: true };

/** What a stream needs from its channel. */
export interface ChannelEnd {
  /** Sends bytes of stdin; settles when they are written to the socket. */
  data(chunk: Uint8Array): Promise<void>;
  eof(): void;
  close(): void;
  /** Lets the host send `count` more bytes. */
  allow(count: number): void;
}

/** The limits that the host sets when a channel opens. */
export interface Limits {
  readonly window: number;
  readonly maxPacket: number;
}

/** The stream of a command that has been started. */
export class MuxStream implements Stream {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exit: Promise<Exit>;
  readonly #channel: ChannelEnd;
  readonly #settleExit: (exit: Exit) => void;
  readonly #input: Input;
  readonly #stdout: Output;
  readonly #stderr: Output;
  #read = 0;
  #granted = WINDOW;

  constructor(channel: ChannelEnd, limits: Limits) {
    const exit = Promise.withResolvers<Exit>();
    this.exit = exit.promise;
    this.#settleExit = exit.resolve;
    this.#channel = channel;
    this.#input = new Input(channel, limits);
    const onRead = (count: number) => this.#allow(count);
    this.#stdout = new Output(onRead);
    this.#stderr = new Output(onRead);
    this.stdin = this.#input.stream;
    this.stdout = this.#stdout.stream;
    this.stderr = this.#stderr.stream;
  }

  close(): void {
    this.#channel.close();
    this.lose();
    this.#stdout.drop();
    this.#stderr.drop();
  }

  /** The channel has ended; unless an exit status came, the outcome is unknown. */
  lose(fault?: string): void {
    this.#settleExit(fault === undefined ? UNKNOWN : { ...UNKNOWN, fault });
    this.#input.end();
    this.#stdout.end();
    this.#stderr.end();
  }

  /**
   * Handles a message of this channel, after its channel number.
   *
   * @throws {FloodError} when the connection must end.
   */
  take(type: number, fields: Fields, useless: UselessMessages): void {
    switch (type) {
      case MESSAGE.data:
        return this.#add(this.#stdout, fields.bytes(), useless);
      case MESSAGE.extendedData: {
        const isStderr = fields.number() === STDERR;
        const output = isStderr ? this.#stderr : undefined;
        return this.#add(output, fields.bytes(), useless);
      }
      case MESSAGE.windowAdjust:
        return this.#input.widen(fields.number(), useless);
      case MESSAGE.request:
        return this.#takeRequest(fields, useless);
      case MESSAGE.eof:
        this.#stdout.end();
        this.#stderr.end();
        return useless.count("the end of a stream");
      default:
        useless.count(`a message of type ${type}`);
    }
  }

  #takeRequest(fields: Fields, useless: UselessMessages): void {
    useless.count("a request");
    const kind = fields.text();
    fields.byte(); // whether it wants a reply, which ftl never sends
    if (kind === "exit-status") {
      this.#ended({ code: fields.number(), signal: null, lost: false });
    } else if (kind === "exit-signal") {
      this.#ended({ code: null, signal: fields.text(), lost: false });
    }
  }

  #ended(exit: Exit): void {
    this.#settleExit(exit);
    this.#input.end();
  }

  #add(
    output: Output | undefined,
    chunk: Uint8Array,
    useless: UselessMessages,
  ): void {
    if (chunk.length === 0) return useless.count("data with no bytes");
    this.#granted -= chunk.length;
    if (this.#granted < 0) {
      throw new FloodError("it sent more data than its window allows");
    }
    if (output) return output.add(chunk);
    useless.count("data of an unknown kind");
    this.#allow(chunk.length);
  }

  #allow(count: number): void {
    this.#read += count;
    if (this.#read < WINDOW / 2) return;
    this.#channel.allow(this.#read);
    this.#granted += this.#read;
    this.#read = 0;
  }
}

class Input {
  readonly stream: WritableStream<Uint8Array>;
  readonly #channel: ChannelEnd;
  readonly #maxPacket: number;
  readonly #widest: number;
  #window: number;
  #controller!: WritableStreamDefaultController;
  #wider: PromiseWithResolvers<void> | undefined;
  #isOver = false;

  constructor(channel: ChannelEnd, { window, maxPacket }: Limits) {
    this.#channel = channel;
    this.#widest = this.#window = window;
    this.#maxPacket = maxPacket;
    this.stream = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      write: (chunk) => this.#write(chunk),
      close: () => this.#eof(),
      abort: () => this.#eof(),
    });
  }

  widen(count: number, useless: UselessMessages): void {
    if (this.#window + count > WIDEST_WINDOW) {
      throw new FloodError("it opened a window larger than SSH allows");
    }
    const used = Math.min(count, this.#widest - this.#window);
    if (count < LARGE_ADJUSTMENT && used < SMALL_ADJUSTMENT) {
      useless.count("a window adjustment");
    }
    this.#window += count;
    this.#wider?.resolve();
    this.#wider = undefined;
  }

  /** Makes further writes fail. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller.error(ended());
    this.#wider?.reject(ended());
    this.#wider = undefined;
  }

  async #write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      if (this.#isOver) throw ended();
      const count = Math.min(
        this.#window,
        this.#maxPacket,
        chunk.length - at,
      );
      if (count === 0) {
        this.#wider = Promise.withResolvers();
        await this.#wider.promise;
        continue;
      }
      this.#window -= count;
      await this.#channel.data(chunk.subarray(at, at += count));
    }
  }

  #eof(): void {
    if (!this.#isOver) this.#channel.eof();
  }
}

function ended(): Error {
  return new Error("Cannot write: the command has ended");
}

/** Data that has arrived and is not read yet; at most one window. */
class Output {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #onRead: (count: number) => void;
  readonly #chunks: Uint8Array[] = [];
  /** The last chunk, when small data is joined in it. */
  #tail: Uint8Array<ArrayBuffer> | undefined;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #wanted: PromiseWithResolvers<void> | undefined;
  #isOver = false;
  #isDropped = false;

  /** @param onRead called with the number of bytes that were read */
  constructor(onRead: (count: number) => void) {
    this.#onRead = onRead;
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#pull(),
      cancel: () => this.drop(),
    }, { highWaterMark: 0 });
  }

  add(chunk: Uint8Array): void {
    if (this.#isDropped) return this.#onRead(chunk.length);
    if (!this.#joins(chunk)) {
      this.#tail = undefined;
      this.#chunks.push(chunk);
    }
    this.#serve();
  }

  /** Joins small data while no reader waits: each chunk would cost a buffer. */
  #joins(chunk: Uint8Array): boolean {
    if (this.#wanted !== undefined || chunk.length >= SMALL) return false;
    if (this.#tail === undefined || this.#tail.length > ROOM - SMALL) {
      this.#tail = new Uint8Array(ROOM).subarray(0, 0);
      this.#chunks.push(this.#tail);
    }
    const { buffer, length } = this.#tail;
    const joined = new Uint8Array(buffer, 0, length + chunk.length);
    joined.set(chunk, length);
    this.#chunks[this.#chunks.length - 1] = this.#tail = joined;
    return true;
  }

  /** No more data will arrive; the rest can still be read. */
  end(): void {
    this.#isOver = true;
    this.#serve();
  }

  /** Drops the data, and all that arrives later. */
  drop(): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    this.#tail = undefined;
    for (const { length } of this.#chunks.splice(0)) this.#onRead(length);
    this.end();
  }

  #pull(): Promise<void> | void {
    this.#wanted = Promise.withResolvers();
    const { promise } = this.#wanted;
    this.#serve();
    return promise;
  }

  #serve(): void {
    if (this.#wanted === undefined) {
      if (this.#isOver && this.#chunks.length === 0) this.#finish();
      return;
    }
    const chunk = this.#chunks.shift();
    if (this.#chunks.length === 0) this.#tail = undefined;
    if (chunk === undefined && !this.#isOver) return;
    if (chunk === undefined) {
      this.#finish();
    } else {
      this.#controller.enqueue(chunk);
      this.#onRead(chunk.length);
    }
    this.#wanted?.resolve();
    this.#wanted = undefined;
  }

  #finish(): void {
    try {
      this.#controller.close();
    } catch {
      // It is already closed or canceled.
    }
  }
}
