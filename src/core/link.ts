// One way into one host: a slot in the window, a connection, and at need the
// gate on it, shared by all who use the host at a time. A link ends once, when
// it is lost or closed; who uses the host next gets a new one.
import { ConnectError, type Phase } from "../errors.ts";
import { Deadline, within } from "../gate/deadline.ts";
import { type Gate, openGate } from "../gate/open.ts";
import type { Budget } from "../protocol/budget.ts";
import type { Channel } from "../protocol/channel.ts";
import type { Connection, Transport } from "../transport/transport.ts";
import type { Route } from "./endpoint.ts";
import type { Slot, Window } from "./window.ts";

/** How long closing a connection is waited for. */
const CLOSE_MS = 10_000;
/** Between two attempts to reach a host, at first; it doubles each time. */
const RETRY_MS = 500;

/** What a link is made of. */
export interface LinkOptions {
  route: Route;
  window: Window;
  transport: () => Promise<Transport>;
  /** The archive that becomes the gate. */
  archive: () => Promise<{ readonly id: string; readonly bytes: Uint8Array }>;
  budget: Budget;
  /** How often a host that cannot be reached is tried again. */
  retries: number;
  linkLoss: "kill" | "finish";
  /** What the host is believed to have. */
  hinted: () => ReadonlySet<string>;
  /** Told what the host has been found to keep. */
  onKept: (ids: Iterable<string>) => void;
}

/** A gate from the moment that it is being opened. */
export interface LinkedGate {
  /** Takes calls at once; they fail when the opening does. */
  readonly channel: Channel;
  readonly opened: Promise<Gate>;
  readonly isOpen: boolean;
  /** The hashes of packs that the gate has, or that are on their way to it. */
  readonly packs: Set<string>;
}

/** Told each phase as it begins, and undefined when the last has ended. */
export type PhaseListener = (phase: Phase | undefined) => void;

/** One way into one host. */
export class Link {
  readonly #options: LinkOptions;
  readonly #stop = new AbortController();
  readonly #listeners = new Set<PhaseListener>();
  readonly #connection: Promise<Connection>;
  #connected = false;
  #slot: Slot | undefined;
  #gate: LinkedGate | undefined;
  #phase: Phase | undefined;
  #users = 0;
  #gatesSent = 0;
  /** Of gates that are gone, and of the one that is open. */
  #bytesSent = () => 0;
  #closing: Promise<void> | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#connection = this.#connect();
    this.#connection.then(
      () => this.#connected = true,
      // Whoever waits for the connection is told why it failed.
      () => this.close(),
    );
  }

  /** It was lost or closed, and serves nobody any more. */
  get isOver(): boolean {
    return this.#closing !== undefined;
  }

  /** The gate, when one is open. */
  get gateIfOpen(): LinkedGate | undefined {
    return this.#gate?.isOpen ? this.#gate : undefined;
  }

  /** All bytes written to gates on this link. */
  get bytesSent(): number {
    return this.#bytesSent();
  }

  /** How often the archive was sent. */
  get gatesSent(): number {
    return this.#gatesSent;
  }

  /** Begins to use the link; `leave` must follow. */
  join(onPhase: PhaseListener): void {
    this.#users++;
    this.#slot?.wake();
    this.#listeners.add(onPhase);
    if (this.#phase !== undefined) onPhase(this.#phase);
  }

  /** Ends a use. An open link that nobody uses rests, or closes. */
  leave(onPhase: PhaseListener, { keepOpen }: { keepOpen: boolean }): void {
    this.#listeners.delete(onPhase);
    if (--this.#users > 0 || this.isOver) return;
    const isOpening = !this.#connected || this.#gate?.isOpen === false;
    if (isOpening || !keepOpen) this.close();
    else this.#slot?.rest(() => this.close());
  }

  /** @throws {ConnectError} when the host cannot be reached. */
  async connection(signal: AbortSignal): Promise<Connection> {
    const deadline = new Deadline(signal);
    try {
      return await deadline.race(this.#connection);
    } finally {
      deadline.clear();
    }
  }

  /**
   * The gate, which is opened at its first use and when it was lost.
   *
   * @throws {ConnectError} when the host cannot be reached.
   */
  async gate(signal: AbortSignal): Promise<LinkedGate> {
    const connection = await this.connection(signal);
    const archive = await this.#options.archive();
    return this.#gate ??= this.#openGate(connection, archive);
  }

  /** Gives up the gate, which does not answer; the connection stays. */
  dropGate(gate: LinkedGate, reason: Error): void {
    gate.channel.close(reason);
  }

  /** Ends the link, its gate politely. May be called twice. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#stop.abort(
      new ConnectError("Cannot use the host: its link was closed", {
        phase: "connect",
      }),
    );
    try {
      const gate = await this.#gate?.opened;
      await gate?.close();
    } catch {
      // It never opened: whoever waited for it has been told why.
    }
    try {
      const connection = await this.#connection;
      connection.close();
      this.#slot?.leave();
      await within(connection.closed, { ms: CLOSE_MS, instead: undefined });
    } catch {
      // The same holds for the connection.
    } finally {
      this.#slot?.leave();
    }
  }

  async #connect(): Promise<Connection> {
    const { window, transport } = this.#options;
    this.#slot = await window.enter(this.#stop.signal);
    const connection = await this.#open(await transport());
    this.#enter(undefined);
    connection.closed.then((cause) => {
      this.#gate?.channel.end(cause);
      this.close();
    });
    return connection;
  }

  async #open(transport: Transport): Promise<Connection> {
    const { route, retries } = this.#options;
    const { signal } = this.#stop;
    for (let attempt = 0;; attempt++) {
      try {
        return await transport.open(route.endpoint, {
          signal,
          onPhase: (phase) => this.#enter(phase),
        });
      } catch (error) {
        if (attempt === retries || !mayPass(error)) throw error;
        // Jitter, so that hosts dropped together do not come back together.
        const ms = RETRY_MS * 2 ** attempt * (0.5 + Math.random());
        await pause(ms, signal);
      }
    }
  }

  #openGate(
    connection: Connection,
    archive: { readonly id: string; readonly bytes: Uint8Array },
  ): LinkedGate {
    const { route, hinted, onKept, budget, linkLoss } = this.#options;
    const had = hinted();
    let channel!: Channel;
    const opened = openGate(connection, {
      archive,
      hasArchive: had.has(archive.id),
      host: route.endpoint.name,
      python: route.python,
      linkLoss,
      budget,
      signal: this.#stop.signal,
      onPhase: (phase) => this.#enter(phase),
      // Called before openGate() first waits.
      onChannel: (made) => channel = made,
    });
    const gate = { channel, opened, isOpen: false, packs: new Set(had) };
    opened.then((open) => {
      this.#enter(undefined);
      gate.isOpen = true;
      if (open.uploaded) this.#gatesSent++;
      const before = this.#bytesSent();
      this.#bytesSent = () => before + open.bytesSent;
      for (const id of open.hello.packs) gate.packs.add(id);
      // What runs from memory is gone tomorrow.
      if (open.hello.folder !== null) onKept([archive.id, ...open.hello.packs]);
    }, () => {
      // Its calls are told why; the next use opens another one.
      this.#enter(undefined);
    });
    channel.closed.then(() => {
      if (this.#gate === gate) this.#gate = undefined;
    });
    return gate;
  }

  #enter(phase: Phase | undefined): void {
    this.#phase = phase;
    for (const listener of this.#listeners) listener(phase);
  }
}

/** Whether a failure to reach a host may be gone at the next attempt. */
function mayPass(error: unknown): boolean {
  return error instanceof ConnectError &&
    (error.phase === "resolve" || error.phase === "connect");
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  });
}
