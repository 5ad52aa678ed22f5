// A host that a session keeps open, as the fleet's link to it. Closing it lets go of
// the host: its connection and its gates stay in the session. In a worker the host is
// the link's own: it takes a slot of the fleet's window, and ends with the link.
import type { Phase } from "../../errors.ts";
import { untilAbort } from "../../async/abort.ts";
import type { Endpoint } from "../../transport/transport.ts";
import { type Become, becomeKey } from "../become/become.ts";
import {
  type CloseOptions,
  type HostAccount,
  type HostLink,
  LINK_CLOSED,
  type PhaseListener,
} from "../fleet/host_link.ts";
import type { HostNote } from "../../store/host_notes.ts";
import type { Slot, Window } from "../fleet/window.ts";
import type { HostRoute } from "../route/host_endpoint.ts";
import type { PhaseData } from "./phase_log.ts";
import { errorOf, type PlainError } from "./plain_error.ts";
import type { SocketMessage } from "./message_socket.ts";
import { SessionAccount } from "./session_account.ts";
import type { SessionClient } from "./session_client.ts";
import type { GateHints } from "./session_gate.ts";
import type { RouteData, SentData } from "./session_messages.ts";
import { sessionLost, sessionLostInCall } from "./session_stream.ts";

/** The parts of a link. */
export interface SessionLinkOptions {
  readonly client: SessionClient;
  readonly key: string;
  readonly route: HostRoute;
  readonly data: RouteData;
  /** Whether the session opens the host where it has not yet. */
  readonly mayOpen: boolean;
  readonly retries: number;
  readonly archive: () => Promise<{ id: string; bytes: Uint8Array }>;
  /** Called when it has ended. */
  readonly onOver: (id: number) => void;
  /** Set in a worker. Default: the host is the session's. */
  readonly own?: OwnHost | undefined;
}

/** What a link that owns its host works with. */
export interface OwnHost {
  readonly window: Window;
  /** What is known about the host and its bastions. */
  readonly notes: Readonly<Record<string, HostNote>>;
  readonly hintsOf: (become: Become | undefined) => GateHints;
}

/** What a session says about a connection. */
interface Connected {
  readonly startMs?: number;
  readonly distrust?: string;
}

/** The open state of one host, in a session. */
export class SessionLink implements HostLink {
  readonly id: number;
  readonly #options: SessionLinkOptions;
  readonly #listeners = new Set<PhaseListener>();
  readonly #accounts = new Map<string, SessionAccount>();
  readonly #attached = Promise.withResolvers<void>();
  readonly #connected = Promise.withResolvers<Connected>();
  readonly #closed = Promise.withResolvers<Error | undefined>();
  readonly #stop = new AbortController();
  #slot: Slot | undefined;
  #closing: Promise<void> | undefined;
  #phase: Phase | undefined;
  #isConnected = false;
  #isOver = false;
  #users = 0;
  #starts = 0;
  #packsSent = 0;
  #gatesSent = 0;
  /** By account. */
  readonly #bytesSent = new Map<string, number>();

  constructor(options: SessionLinkOptions) {
    this.#options = options;
    for (const { promise } of [this.#attached, this.#connected]) {
      promise.catch(() => {}); // its users get the error
    }
    this.id = options.client.open((message) => this.#take(message));
    void this.#attach();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * In a session a number from the start: what never began there may begin
   * elsewhere. A host of a worker is connected for this link.
   */
  get starts(): number | undefined {
    const isConnected = this.#options.own === undefined || this.#isConnected;
    return isConnected ? this.#starts : undefined;
  }

  get isAbandoned(): boolean {
    return this.#options.own !== undefined && !this.#options.client.isOpen;
  }

  /** Only of a worker: a session counts what it writes. */
  get bytesSent(): number {
    let sum = 0;
    for (const bytes of this.#bytesSent.values()) sum += bytes;
    return sum;
  }

  /** Only of a worker: a session sends gates when it opens them. */
  get gatesSent(): number {
    return this.#gatesSent;
  }

  get packsSent(): number {
    return this.#packsSent;
  }

  account(become?: Become): HostAccount {
    const key = becomeKey(become);
    let account = this.#accounts.get(key);
    if (account === undefined) {
      const { client, route, archive, own } = this.#options;
      account = new SessionAccount({
        ...{ client, route, archive, become },
        link: this.id,
        connected: (signal) => untilAbort(this.#connected.promise, signal),
        attached: (signal) =>
          own
            ? untilAbort(this.#attached.promise, signal)
            : untilAbort(this.#connected.promise, signal),
        closed: this.#closed.promise,
        onStart: () => this.#starts++,
        onPack: () => this.#packsSent++,
        onSent: (sent) => this.#count(key, sent),
        onPhases: (phases) => this.#enterAll(phases),
        hints: own?.hintsOf(become),
        close: () => void this.close(),
      });
      this.#accounts.set(key, account);
    }
    return account;
  }

  /** Where the host is, as the fleet knows it. */
  get endpoint(): Endpoint {
    return this.#options.route.endpoint;
  }

  /** The become users of this link, by their keys. */
  become(key: string): Become | undefined {
    return this.#accounts.get(key)?.become;
  }

  join(onPhase: PhaseListener): void {
    this.#users++;
    this.#slot?.wake();
    this.#listeners.add(onPhase);
    if (this.#phase !== undefined) onPhase(this.#phase);
  }

  leave(onPhase: PhaseListener, { keepOpen }: { keepOpen: boolean }): void {
    this.#listeners.delete(onPhase);
    if (--this.#users > 0 || this.#isOver) return;
    if (!this.#isConnected || !keepOpen) void this.close();
    else this.#slot?.rest(() => void this.close());
  }

  close({ reopen }: CloseOptions = { reopen: false }): Promise<void> {
    if (!this.#isOver) this.#closing = this.#close(reopen);
    return this.#closing ?? Promise.resolve();
  }

  async #close(reopen: boolean): Promise<void> {
    const { client, own } = this.#options;
    const isOwn = own !== undefined && this.#slot !== undefined;
    const slot = this.#slot;
    this.#slot = undefined;
    const isAttached = own === undefined || isOwn;
    if (isAttached) {
      client.say("Detach", { reopen: reopen || isOwn }, this.id);
    }
    this.#end(LINK_CLOSED, undefined);
    if (!isOwn) return;
    // The slot is free when nothing of the host is left.
    const detached = Promise.withResolvers<void>();
    client.continue(this.id, (message) => {
      if (message === undefined || message.type === "Detached") {
        detached.resolve();
      }
    });
    await detached.promise;
    client.end(this.id);
    slot?.leave();
  }

  /** Takes a slot where the host is its own, and asks for the host. */
  async #attach(): Promise<void> {
    const { client, key, data, mayOpen, retries, own } = this.#options;
    if (own !== undefined) {
      try {
        this.#slot = await own.window.enter(this.#stop.signal);
      } catch {
        return; // it was closed in the meantime
      }
      if (this.#isOver) return this.#slot.leave(); // the worker was lost
    }
    const notes = own && { notes: own.notes };
    client.say(
      "Attach",
      { key, route: data, mayOpen, retries, ...notes },
      this.id,
    );
    this.#attached.resolve();
  }

  #count(account: string, { bytesSent = 0, uploaded }: SentData): void {
    if (this.#options.own === undefined) return;
    this.#bytesSent.set(account, bytesSent);
    if (uploaded) this.#gatesSent++;
  }

  #take(message: SocketMessage | undefined): void {
    const { client, route } = this.#options;
    if (message === undefined) {
      const { name } = route.endpoint;
      // The cause is asked for by commands that have started.
      return this.#end(
        sessionLost(client, name),
        sessionLostInCall(client, name),
      );
    }
    const { type, data } = message;
    this.#enterAll(data);
    if (type === "Connected") {
      this.#isConnected = true;
      this.#connected.resolve(data);
    } else if (type === "Lost") {
      const error = errorOf(data.error as PlainError | undefined);
      this.#end(error, error);
    }
  }

  #end(error: Error, cause: Error | undefined): void {
    this.#isOver = true;
    this.#options.onOver(this.id);
    this.#stop.abort(error);
    this.#slot?.leave();
    this.#options.client.end(this.id);
    this.#attached.reject(error);
    this.#connected.reject(error);
    this.#closed.resolve(cause);
    for (const account of this.#accounts.values()) account.lose(error);
  }

  #enterAll({ phases = [] }: PhaseData): void {
    for (const [phase, agoMs] of phases) {
      this.#phase = phase ?? undefined;
      for (const listener of this.#listeners) listener(this.#phase, agoMs);
    }
  }
}
