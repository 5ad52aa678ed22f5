// A client's end of a session's socket, or of the pipes to a worker, which is a
// session of one run. Each conversation (a link, a gate, a call, a command) has an
// id; when the session dies or hangs, all of them learn it.
import { messageOf } from "../../errors.ts";
import { within } from "../../async/deadline.ts";
import { callLater } from "../../async/timer.ts";
import type { HostNote } from "../../store/host_notes.ts";
import { type ByteCarrier, socketCarrier } from "./byte_carrier.ts";
import {
  MessageSocket,
  type SocketMessage,
  type SocketOptions,
} from "./message_socket.ts";
import type { ClientHello, Question } from "./session_messages.ts";

/** How long a session may take to greet; one that hangs or is stopped does not. */
const HELLO_MS = 3_000;

/** How often a session is asked for a sign of life, and how many may be missing. */
const PING_MS = 5_000;
const MAX_MISSING = 3;

/** What was learned about hosts, by their keys. */
type HostNotes = Readonly<Record<string, HostNote>>;

/** Why a session cannot be used: the end of a sentence. */
export class SessionUnusable extends Error {
  override name = "SessionUnusable";
}

/** Answers the questions of a session, and takes its notes. */
export interface SessionListener {
  /** Resolves to undefined without an answer. */
  answer(question: Question): Promise<string | undefined>;
  /** A host's key was added to known_hosts. */
  onAdded(host: string, key: string): void;
  /** A host gets no password. */
  onDistrust(host: string, why: string): void;
  /** The system's `ssh` connects to a host. */
  onFallback(host: string, reason: string): void;
  /** Something was learned about a host. Only workers say so. */
  onNoted(hostKey: string, note: HostNote): void;
}

/** Takes the messages of one conversation; undefined when the session is gone. */
export type OnMessage = (message: SocketMessage | undefined) => void;

/** A client of one session. */
export class SessionClient {
  readonly name: string;
  /** What it is called in errors: `the session default`. */
  readonly label: string;
  readonly #socket: MessageSocket;
  readonly #conversations = new Map<number, OnMessage>();
  readonly #greeted = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  /** Set before the first link is attached. */
  listener: SessionListener | undefined;
  /** The archives that the session may ask for. */
  readonly #archives = new Map<string, Uint8Array>();
  /** The packs that the session was given. */
  readonly #packs = new Set<string>();
  #lastId = 0;
  #missing = 0;
  #gone = "it has ended";
  #hasGreeted = false;

  /** Greets a session; it may be spoken to at once. */
  constructor(
    { name, label = `the session ${name}`, carrier, hello, ...options }:
      & SocketOptions
      & {
        name: string;
        label?: string;
        carrier: ByteCarrier;
        hello: ClientHello;
      },
  ) {
    this.name = name;
    this.label = label;
    this.#socket = new MessageSocket(carrier, options);
    this.#greeted.promise.catch(() => {}); // when nobody waits any more
    this.#socket.send("Hello", hello);
    this.#read();
  }

  /** @throws {SessionUnusable} when there is no session, or it refuses. */
  static async connect(
    name: string,
    { socket: path, hello }: { socket: string; hello: ClientHello },
  ): Promise<SessionClient> {
    const connection = await Deno.connect({ transport: "unix", path })
      .catch((error) => {
        throw new SessionUnusable(`it has ended: ${messageOf(error)}`);
      });
    const carrier = socketCarrier(connection);
    const client = new SessionClient({ name, carrier, hello });
    await client.greeted(HELLO_MS);
    return client;
  }

  /**
   * Waits until it has greeted.
   *
   * @throws {SessionUnusable} when it refuses, or takes longer than `ms`.
   */
  async greeted(ms: number): Promise<void> {
    callLater(ms, () => {
      if (this.#hasGreeted || !this.isOpen) return;
      this.#gone = "it does not answer";
      this.#greeted.reject(new SessionUnusable(this.#gone));
    });
    try {
      await this.#greeted.promise;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Whether the session can be spoken to. */
  get isOpen(): boolean {
    return this.#socket.isOpen;
  }

  /** Whether it has served this client. */
  get hasGreeted(): boolean {
    return this.#hasGreeted;
  }

  /** Resolves when it cannot be spoken to any more. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Why it cannot: the end of a sentence. */
  get why(): string {
    return this.#gone;
  }

  /** Makes a conversation in which nothing was said yet; returns its id. */
  open(onMessage: OnMessage): number {
    const id = ++this.#lastId;
    this.#conversations.set(id, onMessage);
    if (!this.isOpen) queueMicrotask(() => this.#tell(id, undefined));
    return id;
  }

  /** Starts a conversation; returns its id. */
  start(type: string, data: object, onMessage: OnMessage): number {
    const id = this.open(onMessage);
    this.say(type, data, id);
    return id;
  }

  /** Hands a conversation over to another listener. */
  continue(id: number, onMessage: OnMessage): void {
    this.#conversations.set(id, onMessage);
  }

  /** Says something in a conversation. */
  say(type: string, data: object, id: number, bytes?: Uint8Array): void {
    this.#socket.send(type, data, id, bytes);
  }

  /** Lets the session ask for an archive. */
  offer({ id, bytes }: { id: string; bytes: Uint8Array }): void {
    this.#archives.set(id, bytes);
  }

  /** Gives a pack to the session, once, for all its gates. */
  givePack(id: string, data: string): void {
    if (this.#packs.has(id)) return;
    this.#packs.add(id);
    this.say("Pack", { id, data }, 0);
  }

  /** Ends a conversation: what still comes is dropped. */
  end(id: number): void {
    this.#conversations.delete(id);
  }

  /**
   * Asks for one reply; resolves to its data.
   *
   * @throws {SessionUnusable} when the session is gone.
   */
  ask<T>(type: string, data: object): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const id = this.start(type, data, (message) => {
      this.end(id);
      if (message === undefined) reject(new SessionUnusable(this.#gone));
      else resolve(message.data as T);
    });
    return promise;
  }

  /** Leaves the session, after everything that was said. */
  async leave(): Promise<void> {
    await within(this.#socket.flushed(), { ms: 1_000, instead: undefined });
    this.close();
  }

  /** Leaves at once. */
  close(): void {
    this.#socket.close();
    for (const id of [...this.#conversations.keys()]) this.#tell(id, undefined);
    this.#closed.resolve();
  }

  async #read(): Promise<void> {
    try {
      for await (const message of this.#socket.messages()) {
        this.#missing = 0;
        this.#take(message);
      }
    } catch (error) {
      // Other errors are the engine's, about a member that is wrong.
      const why = error instanceof SyntaxError ? `: ${error.message}` : "";
      this.#gone = `it sent what cannot be read${why}`;
    }
    this.#greeted.reject(new SessionUnusable(this.#gone));
    this.close();
  }

  #take(message: SocketMessage): void {
    const { type, data, id } = message;
    if (type === "Hello") {
      this.#hasGreeted = true;
      this.#watch();
      this.#greeted.resolve();
    } else if (type === "Refused") {
      this.#gone = String(data.why);
      this.#greeted.reject(new SessionUnusable(this.#gone));
    } else if (type === "Ask") this.#answer(data as unknown as Question, id);
    else if (type === "Added") {
      this.listener?.onAdded(String(data.host), String(data.key));
    } else if (type === "Distrust") {
      this.listener?.onDistrust(String(data.host), String(data.why));
    } else if (type === "Fallback") {
      this.listener?.onFallback(String(data.host), String(data.reason));
    } else if (type === "Need") {
      const archive = String(data.archive);
      this.say("Archive", { archive }, 0, this.#archives.get(archive));
    } else if (type !== "Pong") {
      if (data.noted !== undefined) this.#note(data.noted as HostNotes);
      this.#tell(id, message);
    }
  }

  #note(noted: HostNotes): void {
    for (const [key, note] of Object.entries(noted)) {
      this.listener?.onNoted(key, note);
    }
  }

  async #answer(question: Question, id: number): Promise<void> {
    try {
      const answer = await this.listener?.answer(question);
      this.say("Answer", answer === undefined ? {} : { answer }, id);
    } catch (error) {
      const { plainError } = await import("./plain_error.ts");
      this.say("Answer", { error: plainError(error) }, id);
    }
  }

  #tell(id: number, message: SocketMessage | undefined): void {
    const onMessage = this.#conversations.get(id);
    if (message === undefined) this.end(id);
    onMessage?.(message);
  }

  /** Notices a session that hangs or was stopped. */
  #watch(): void {
    callLater(PING_MS, () => {
      if (!this.isOpen) return;
      // Counted, not timed: this process may have been stopped itself.
      if (++this.#missing > MAX_MISSING) {
        this.#gone = `it did not answer for ${MAX_MISSING * PING_MS / 1000} s`;
        return this.close();
      }
      this.say("Ping", {}, 0);
      this.#watch();
    });
  }
}
