// A host that a session keeps open, as the fleet's link to it. Closing it lets go of
// the host: its connection and its gates stay in the session.
import { ConnectError, type Phase } from "../../errors.ts";
import { Deadline } from "../../async/deadline.ts";
import type { Endpoint } from "../../transport/transport.ts";
import { type Become, becomeKey } from "../become/become.ts";
import type {
  CloseOptions,
  HostAccount,
  HostLink,
  PhaseListener,
} from "../fleet/host_link.ts";
import type { HostRoute } from "../route/host_endpoint.ts";
import { errorOf, type PlainError } from "./plain_error.ts";
import type { SocketMessage } from "./message_socket.ts";
import { SessionAccount } from "./session_account.ts";
import type { SessionClient } from "./session_client.ts";
import type { RouteData } from "./session_messages.ts";
import { sessionLost } from "./session_stream.ts";

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
  readonly #connected = Promise.withResolvers<Connected>();
  readonly #closed = Promise.withResolvers<Error | undefined>();
  #phase: Phase | undefined;
  #isConnected = false;
  #isOver = false;
  #users = 0;
  #starts = 0;
  #packsSent = 0;

  constructor(options: SessionLinkOptions) {
    const { client, key, data, mayOpen, retries } = options;
    this.#options = options;
    this.#connected.promise.catch(() => {}); // its users get the error
    this.id = client.start(
      "Attach",
      { key, route: data, mayOpen, retries },
      (message) => this.#take(message),
    );
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** A number from the start: what never began in a session may begin elsewhere. */
  get starts(): number {
    return this.#starts;
  }

  /** The session counts what it writes. */
  get bytesSent(): number {
    return 0;
  }

  /** The session sends gates when it opens them. */
  get gatesSent(): number {
    return 0;
  }

  get packsSent(): number {
    return this.#packsSent;
  }

  account(become?: Become): HostAccount {
    const key = becomeKey(become);
    let account = this.#accounts.get(key);
    if (account === undefined) {
      const { client, route, archive } = this.#options;
      account = new SessionAccount({
        ...{ client, route, archive, become },
        link: this.id,
        connected: (signal) => this.#connection(signal),
        closed: this.#closed.promise,
        onStart: () => this.#starts++,
        onPack: () => this.#packsSent++,
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
    this.#listeners.add(onPhase);
    if (this.#phase !== undefined) onPhase(this.#phase);
  }

  leave(onPhase: PhaseListener, { keepOpen }: { keepOpen: boolean }): void {
    this.#listeners.delete(onPhase);
    if (--this.#users > 0 || this.#isOver) return;
    if (!this.#isConnected || !keepOpen) void this.close();
  }

  close({ reopen }: CloseOptions = { reopen: false }): Promise<void> {
    if (!this.#isOver) {
      this.#options.client.say("Detach", { reopen }, this.id);
      this.#end(
        new ConnectError("Cannot use the host: its link was closed", {
          phase: "connect",
        }),
        undefined,
      );
    }
    return Promise.resolve();
  }

  async #connection(signal: AbortSignal): Promise<Connected> {
    const deadline = new Deadline(signal);
    try {
      return await deadline.race(this.#connected.promise);
    } finally {
      deadline.clear();
    }
  }

  #take(message: SocketMessage | undefined): void {
    const { client, route } = this.#options;
    if (message === undefined) {
      const lost = sessionLost(client, route.endpoint.name);
      return this.#end(lost, lost);
    }
    const { type, data } = message;
    if (type === "Phase") this.#enter(data.phase as Phase | undefined);
    else if (type === "Connected") {
      this.#isConnected = true;
      this.#connected.resolve(data);
    } else if (type === "Lost") {
      const error = errorOf(data.error as PlainError);
      this.#end(error, error);
    }
  }

  #end(error: Error, cause: Error | undefined): void {
    this.#isOver = true;
    this.#options.client.end(this.id);
    this.#connected.reject(error);
    this.#closed.resolve(cause);
    for (const account of this.#accounts.values()) account.lose(error);
  }

  #enter(phase: Phase | undefined): void {
    this.#phase = phase;
    for (const listener of this.#listeners) listener(phase);
  }
}
