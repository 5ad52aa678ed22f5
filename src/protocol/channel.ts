// The controller's end of a v2 conversation: requests and their replies, matched
// by id. It does no I/O: it receives the gate's bytes and emits bytes to write. A
// host is not trusted: an invalid message closes the channel, and every request
// settles exactly once.
import { ConnectError, GateError } from "../errors.ts";
import { onAbort } from "../async/abort.ts";
import { decodeBody, type Envelope, isObject } from "./body.ts";
import { Budget, type ChannelShare } from "./reply_budget.ts";
import { FrameDecoder } from "./frame.ts";
import { Keepalive } from "./keepalive.ts";
import { SILENCE_MS } from "./limits.ts";
import type {
  CallEvent,
  HelloData,
  Reply,
  ReplyTo,
  ReplyTypes,
  Request,
} from "./message.ts";
import { type FrameWriter, Outbox } from "./outbox.ts";
import { readEvent, readHello, readReply } from "./reply.ts";
import { SeriesReader } from "./series.ts";
import { othersTurn, type StartTimer, startTimer } from "../async/timer.ts";

const REPLY_TYPES: ReplyTypes = {
  Call: "Result",
  Pack: "Stored",
  Ping: "Pong",
  Info: "Info",
  Shutdown: "Goodbye",
};

/** How much of a gate's message an error quotes, in characters. */
const QUOTED = 400;

/** A turn lasts for this many messages at least, and for this long. */
const TURN = 128;
const TURN_MS = 4;

/** How many frames without a body a gate may send; ours sends none. */
const MAX_SKIPPED = 10_000;

/** What a channel needs. */
export interface ChannelOptions {
  /**
   * Takes bytes for the gate. A promise holds back the next part of a large
   * message until it resolves; a throw or a rejection closes the channel.
   */
  write: FrameWriter;
  /** Identifies this conversation; never used twice. */
  nonce: string;
  /** The host's name, for errors. */
  host?: string;
  /** Bounds the memory for unfinished replies. Default: its own budget. */
  budget?: Budget;
  startTimer?: StartTimer;
}

/** Options of one request. */
export interface CallOptions {
  /**
   * An abort cancels a `Call`, which still resolves with the gate's `Result`;
   * any other request rejects with the signal's reason.
   */
  signal?: AbortSignal;
  /** Receives the events before a call's result, in order. A throw rejects the call. */
  onEvent?: (event: CallEvent) => void;
  /** Receives the request's id before `call` returns: the `after` of later calls. */
  onSent?: (id: number) => void;
}

interface Pending extends CallOptions {
  readonly type: Request["type"];
  readonly resolve: (reply: Reply) => void;
  readonly reject: (reason: unknown) => void;
  /** Stops listening to the signal. */
  readonly stopListening: (() => void) | undefined;
}

/** A conversation with one gate. */
export class Channel {
  /** Resolves when the channel has closed, with the error that closed it, if any. */
  readonly closed: Promise<Error | undefined>;
  readonly #onClosed: (error: Error | undefined) => void;
  readonly #options: ChannelOptions;
  readonly #frames = new FrameDecoder();
  readonly #series = new SeriesReader();
  readonly #outbox: Outbox;
  readonly #share: ChannelShare;
  readonly #pending = new Map<number, Pending>();
  /** The pings without an answer; undefined while there are none. */
  #pings: Set<number> | undefined;
  #hello: PromiseWithResolvers<HelloData> | undefined;
  /** Defined once the gate has sent its Hello. */
  #keepalive: Keepalive | undefined;
  #lastId = 0;
  /**
   * Makes the error that later requests reject with: most channels end in order,
   * without any.
   */
  #ended: (() => Error) | undefined;

  constructor(options: ChannelOptions) {
    const { promise, resolve } = Promise.withResolvers<Error | undefined>();
    this.closed = promise;
    this.#onClosed = resolve;
    this.#options = options;
    this.#outbox = new Outbox(options.write, (cause) => {
      this.close(this.#lost("its input cannot be written", cause));
    });
    this.#share = (options.budget ?? new Budget()).share(() => {
      this.#fail("it kept others waiting for the end of a large reply");
    });
  }

  /** Whether requests can be made. */
  get isOpen(): boolean {
    return this.#ended === undefined;
  }

  /** The number of requests that wait for their reply. */
  get pending(): number {
    return this.#pending.size;
  }

  /**
   * Greets the gate, once and before anything else. Requests may follow before
   * the gate's Hello arrives. An abort closes the channel.
   *
   * @throws {GateError} phase `start`, when the gate speaks v1 only, belongs to
   *   another conversation, or breaks the protocol.
   * @throws {ConnectError} phase `start`, when the channel closes first.
   */
  hello(signal?: AbortSignal): Promise<HelloData> {
    if (this.#hello) throw new TypeError("Cannot greet a gate twice");
    this.#hello = Promise.withResolvers();
    const { promise, reject } = this.#hello;
    const giveUp = () => {
      reject(signal?.reason);
      this.close(this.#lost("opening it was cancelled", signal?.reason));
    };
    const stopListening = () => signal?.removeEventListener("abort", giveUp);
    promise.then(stopListening, stopListening);
    if (this.#ended) reject(this.#ended());
    else if (signal?.aborted) giveUp();
    else {
      signal?.addEventListener("abort", giveUp, { once: true });
      const { nonce } = this.#options;
      this.#outbox.send(["Hello", { ftl: 2, nonce }, 0]);
    }
    return promise;
  }

  /**
   * Sends a request and waits for its reply, which may be an `Error`.
   *
   * @throws {ConnectError} when the channel closes first; in phase `call` the
   *   request may have taken effect.
   * @throws {GateError} when the gate breaks the protocol in any message.
   * @throws {RangeError} when the request is larger than 64 MiB.
   */
  async call<R extends Request>(
    request: R,
    options: CallOptions = {},
  ): Promise<ReplyTo<R>> {
    const { signal, onSent } = options;
    if (!this.#hello) throw new TypeError("Cannot call a gate before hello()");
    if (this.#ended) throw this.#ended();
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const { type, data } = request;
    const id = ++this.#lastId;
    const stopListening = signal &&
      onAbort(signal, () => this.#abort(id, signal.reason));
    const pending = { ...options, type, resolve, reject, stopListening };
    this.#pending.set(id, pending);
    try {
      onSent?.(id);
      this.#outbox.send([type, data, id]);
    } catch (error) {
      this.#settle(id, pending);
      throw error;
    }
    // It resolves only with a reply type that its request may have.
    return await promise as ReplyTo<R>;
  }

  /**
   * Takes the gate's output, split in any way, and never throws. When it returns
   * a promise, await it before reading on or reusing the chunk: too much is
   * unfinished, or other channels get their turn first.
   */
  receive(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#ended) return undefined;
    this.#keepalive?.heard();
    return this.#take(this.#frames.push(chunk));
  }

  #take(bodies: Generator<Uint8Array, void>): Promise<void> | undefined {
    const until = performance.now() + TURN_MS;
    let isGreeting = false;
    try {
      for (let count = 1;; count++) {
        const { done, value } = bodies.next();
        if (this.#frames.skipped > MAX_SKIPPED) {
          return this.#refuse("it sent too many frames without a body");
        }
        if (done) break;
        // Callers that wait for the Hello learn of it before what follows.
        if (isGreeting) return this.#takeLater(startWith(value, bodies));
        isGreeting = this.#keepalive === undefined;
        this.#read(decodeBody(value));
        if (this.#ended) return undefined;
        // One host's small messages must not keep the others waiting.
        if (count >= TURN && performance.now() > until) {
          return this.#takeLater(bodies);
        }
      }
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return this.#refuse(error.message);
    }
    const wait = this.#share.hold(this.#frames.held + this.#series.held);
    if (wait) this.#keepalive?.pause(wait);
    return wait;
  }

  async #takeLater(bodies: Generator<Uint8Array, void>): Promise<void> {
    await othersTurn();
    if (!this.#ended) await this.#take(bodies);
  }

  /** Closes the channel because the gate's output ended; `cause` if known. */
  end(cause?: Error): void {
    let where = "";
    try {
      this.#frames.end();
    } catch {
      // The position inside the frame does not matter here.
      where = " inside a message";
    }
    this.close(this.#lost(`its output ended${where}`, cause));
  }

  /**
   * Closes the channel: pending and later requests reject with `error`, or with
   * a ConnectError. May be called twice.
   */
  close(error?: Error): void {
    if (!this.isOpen) return;
    this.#end(() => error ?? this.#lost("the channel was closed"), error);
  }

  #end(reason: () => Error, error: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = reason;
    this.#keepalive?.stop();
    this.#share.close();
    this.#outbox.clear();
    if (!this.#keepalive) this.#hello?.reject(reason());
    for (const { reject, stopListening } of this.#pending.values()) {
      stopListening?.();
      reject(reason());
    }
    this.#pending.clear();
    this.#onClosed(error);
  }

  #read(message: Envelope): void {
    if (!this.#keepalive) return this.#readHello(message);
    const { type, data, id } = message;
    if (id === null || id === 0) {
      // A gate reports unreadable input and its own end this way.
      return this.#fail(`it answered no request, but sent ${quote(message)}`);
    }
    const pending = this.#pending.get(id);
    if (!pending) {
      if (type === "Pong" && this.#pings?.delete(id)) {
        if (this.#pings.size === 0) this.#pings = undefined;
        return;
      }
      return this.#refuse(`no request has the id ${id}`);
    }
    if (type === "Data") {
      const joined = this.#series.add(data, id);
      if (joined) this.#read(joined);
      return;
    }
    if (!isObject(data)) return;
    const event = pending.type === "Call" && readEvent(type, data);
    if (event) return this.#emit(event, pending);
    const reply = readReply(type, data);
    if (reply?.type !== REPLY_TYPES[pending.type] && reply?.type !== "Error") {
      return this.#refuse(
        `it answered a ${pending.type} with ${quote(message)}`,
      );
    }
    this.#settle(id, pending);
    pending.resolve(reply);
    if (reply.type === "Goodbye") {
      this.#end(() => this.#lost("it was shut down"), undefined);
    }
  }

  #readHello(message: Envelope): void {
    const { type, data, id } = message;
    if (type !== "Hello") {
      return this.#fail(`it answered Hello with ${quote(message)}`);
    }
    if (!isObject(data) || id === null || data.gate === undefined) {
      return this.#fail("it speaks only version 1 of the protocol");
    }
    const { nonce, startTimer: start = startTimer } = this.#options;
    if (data.nonce !== nonce || id !== 0) {
      return this.#fail("its Hello belongs to another conversation");
    }
    const hello = readHello(data, nonce);
    this.#keepalive = new Keepalive({
      ping: () => this.#ping(),
      onSilence: () =>
        this.close(this.#lost(`it was silent for ${SILENCE_MS / 1000} s`)),
      startTimer: start,
    });
    this.#hello?.resolve(hello);
  }

  #emit(event: CallEvent, pending: Pending): void {
    try {
      pending.onEvent?.(event);
    } catch (error) {
      pending.reject(error);
    }
  }

  #settle(id: number, { stopListening }: Pending): void {
    this.#pending.delete(id);
    stopListening?.();
  }

  #abort(id: number, reason: unknown): void {
    const pending = this.#pending.get(id);
    if (pending?.type === "Call") this.#outbox.sendUrgent(["Cancel", {}, id]);
    else pending?.reject(reason);
  }

  #ping(): void {
    const id = ++this.#lastId;
    this.#pings ??= new Set();
    this.#pings.add(id);
    this.#outbox.sendUrgent(["Ping", {}, id]);
  }

  #lost(state: string, cause?: unknown): ConnectError {
    const { host } = this.#options;
    const phase = this.#keepalive ? "call" : "start";
    return new ConnectError(`Lost the gate: ${state}`, { phase, host, cause });
  }

  #refuse(state: string): undefined {
    const fault = state.charAt(0).toLowerCase() + state.slice(1);
    this.#fail(`it broke the protocol: ${fault}`);
  }

  #fail(state: string): void {
    const { host } = this.#options;
    const phase = this.#keepalive ? "call" : "start";
    const message = phase === "call"
      ? `Cannot continue with the gate: ${state}`
      : `Cannot open the gate: ${state}`;
    this.close(new GateError(message, { phase, host }));
  }
}

/** Quotes a message for an error: its type, and its text if any. */
function quote({ type, data }: Envelope): string {
  const text = isObject(data) && typeof data.message === "string"
    ? `: ${JSON.stringify(data.message.slice(0, QUOTED))}`
    : "";
  return JSON.stringify(type.slice(0, QUOTED)) + text;
}

function* startWith<T>(first: T, rest: Iterable<T>): Generator<T, void> {
  yield first;
  yield* rest;
}
