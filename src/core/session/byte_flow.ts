// The bytes of a command on a socket that it shares with others. A sender may be
// this much ahead of the reader at the other end, so that one command whose output
// is not read neither fills the memory nor holds up the rest.

/** How many bytes may be on their way. */
const WINDOW = 1024 * 1024;

/** The most bytes in one message. */
const MAX_PIECE = 128 * 1024;

/** Sends bytes as fast as the other end reads them. */
export class ByteSender {
  readonly #send: (piece: Uint8Array) => void;
  #credit = WINDOW;
  #room: PromiseWithResolvers<void> | undefined;
  #stopped: Error | undefined;

  constructor(send: (piece: Uint8Array) => void) {
    this.#send = send;
  }

  /** @throws the error of `stop()`. */
  async write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      if (this.#stopped) throw this.#stopped;
      if (this.#credit === 0) {
        this.#room ??= Promise.withResolvers();
        await this.#room.promise;
        continue;
      }
      const size = Math.min(chunk.length - at, MAX_PIECE, this.#credit);
      this.#credit -= size;
      this.#send(chunk.subarray(at, at + size));
      at += size;
    }
  }

  /** The other end has read bytes. */
  grant(bytes: number): void {
    this.#credit += bytes;
    this.#wake();
  }

  /** Fails the writes that are still to come. */
  stop(error: Error): void {
    this.#stopped ??= error;
    this.#wake();
  }

  #wake(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}

/** What the reader of bytes tells the sender. */
export interface ReaderSignals {
  /** This many bytes were read. */
  onRead: (bytes: number) => void;
  /** The reader wants no more. */
  onCancel: () => void;
}

/** Received bytes, as a stream for one reader. */
export class ByteReceiver {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #signals: ReaderSignals;
  #pieces: Uint8Array[] = [];
  #isEnded = false;
  #isCancelled = false;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #wanted: PromiseWithResolvers<void> | undefined;

  constructor(signals: ReaderSignals) {
    this.#signals = signals;
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#pull(),
      cancel: () => {
        this.#isCancelled = true;
        this.#pieces = [];
        this.#signals.onCancel();
      },
    }, { highWaterMark: 0 });
  }

  /** Takes a piece from the sender. */
  push(piece: Uint8Array): void {
    // What nobody reads counts as read, so that the command is not held up.
    if (this.#isCancelled || this.#isEnded) {
      return this.#signals.onRead(piece.length);
    }
    this.#pieces.push(piece);
    this.#wake();
  }

  /** The sender has sent everything. May be called twice. */
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  async #pull(): Promise<void> {
    while (this.#pieces.length === 0) {
      if (this.#isCancelled) return;
      if (this.#isEnded) return this.#controller.close();
      this.#wanted = Promise.withResolvers();
      await this.#wanted.promise;
    }
    const piece = this.#pieces.shift()!;
    this.#controller.enqueue(piece);
    this.#signals.onRead(piece.length);
  }

  #wake(): void {
    this.#wanted?.resolve();
    this.#wanted = undefined;
  }
}
