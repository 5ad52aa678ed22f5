// The open state of one host: a slot in the window, a connection, and the
// accounts on it, shared by all uses of the host. A link ends once, when it is
// lost or closed; the next use of the host makes a new one.
import { ConnectError, type Phase } from "../../errors.ts";
import { pause, within } from "../../async/deadline.ts";
import {
  type Connection,
  SSH_DEFAULTS,
  type Transport,
} from "../../transport/transport.ts";
import { CountedConnection } from "./counted_connection.ts";
import { Account, type AccountOptions } from "./account.ts";
import { type HostLink, LINK_CLOSED, type PhaseListener } from "./host_link.ts";
import { withPassword } from "../become/ask_become_password.ts";
import { type Become, becomeKey } from "../become/become.ts";
import { elevate } from "../become/elevate.ts";
import type { BecomeTrials } from "../become/password_trials.ts";
import type { HostRoute } from "../route/host_endpoint.ts";
import type { Slot, Window } from "./window.ts";

/** How long the closing of a connection may take. */
const CLOSE_MS = 10_000;
/** The pause before the first retry; it doubles each time. */
const RETRY_MS = 500;

/** The parts of a link. */
export interface LinkOptions
  extends Pick<AccountOptions, "archive" | "budget" | "linkLoss"> {
  route: HostRoute;
  window: Window;
  transport: () => Promise<Transport>;
  /** How many more times an unreachable host is tried. */
  retries: number;
  trials: BecomeTrials;
  /** The ids that the user's folder on the host held the last time. */
  hinted: (become: Become | undefined) => ReadonlySet<string>;
  /** Called with the ids that the host keeps on disk for a user. */
  onKept: (ids: Iterable<string>, become: Become | undefined) => void;
}

/** An account besides the usual one of a user. */
export interface AccountVariant {
  /** Tells the accounts of one user apart. */
  name: string;
  /** The archive that becomes its gate. Default: that of the link. */
  archive?: AccountOptions["archive"];
}

/** The open state of one host, on a connection of this process. */
export class Link implements HostLink {
  readonly #options: LinkOptions;
  /** Stops what is being opened; undefined while nothing is: 800 bytes for each host. */
  #stop: AbortController | undefined;
  /** How many accounts are becoming another user. */
  #elevations = 0;
  readonly #listeners = new Set<PhaseListener>();
  readonly #connection: Promise<Connection>;
  /** The connection, once it is open. */
  #opened: CountedConnection | undefined;
  #slot: Slot | undefined;
  readonly #accounts = new Map<string, Account>();
  #phase: Phase | undefined;
  #users = 0;
  #closing: Promise<void> | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#connection = this.#connect();
    this.#connection.catch(
      // Each account that waits for the connection gets the error itself.
      () => this.close(),
    );
  }

  /** Whether it was lost or closed. */
  get isOver(): boolean {
    return this.#closing !== undefined;
  }

  /** How many commands it has started; undefined until it is connected. */
  get starts(): number | undefined {
    return this.#opened?.starts;
  }

  /** The process of the run holds it. */
  get isAbandoned(): boolean {
    return false;
  }

  /** All bytes written to gates on this link. */
  get bytesSent(): number {
    return this.#all.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  }

  /** The number of times that the archive was sent. */
  get gatesSent(): number {
    return this.#all.reduce((sum, { gatesSent }) => sum + gatesSent, 0);
  }

  /** The number of packs that were sent. */
  get packsSent(): number {
    return this.#all.reduce((sum, { packsSent }) => sum + packsSent, 0);
  }

  /** The account of a become user. Default: that of the login user. */
  account(become?: Become, variant: AccountVariant = { name: "" }): Account {
    const key = `${variant.name} ${becomeKey(become)}`;
    let account = this.#accounts.get(key);
    if (account === undefined) {
      account = this.#makeAccount(become, { ...variant, key });
      this.#accounts.set(key, account);
    }
    return account;
  }

  /** Forgets the accounts of a variant that have no gate. */
  dropAccounts(variant: string): void {
    for (const key of this.#accounts.keys()) {
      if (key.startsWith(`${variant} `)) this.#drop(key);
    }
  }

  /** Starts a use of the link; `leave` must follow. */
  join(onPhase: PhaseListener): void {
    this.#users++;
    this.#slot?.wake();
    this.#listeners.add(onPhase);
    if (this.#phase !== undefined) onPhase(this.#phase);
  }

  /** Ends a use. After the last use, the link gives way to others, or closes. */
  leave(onPhase: PhaseListener, { keepOpen }: { keepOpen: boolean }): void {
    this.#listeners.delete(onPhase);
    if (--this.#users > 0 || this.isOver) return;
    if (this.#isOpening || !keepOpen) this.close();
    else this.#slot?.rest(() => this.close());
  }

  /** Ends the gates after their last replies, then the link. May be called twice. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    (this.#stop ??= new AbortController()).abort(LINK_CLOSED);
    await Promise.all(this.#all.map((account) => account.close()));
    try {
      const connection = await this.#connection;
      connection.close();
      this.#slot?.leave();
      await within(connection.closed, { ms: CLOSE_MS, instead: undefined });
    } catch {
      // It never opened; its users have the error.
    } finally {
      this.#slot?.leave();
    }
  }

  async #connect(): Promise<Connection> {
    const { window, transport } = this.#options;
    this.#slot = await window.enter(this.#signal);
    const opened = await this.#open(await transport());
    const connection = this.#opened = new CountedConnection(opened);
    this.#enter(undefined);
    connection.closed.then((cause) => {
      for (const account of this.#all) account.lose(cause);
      this.close();
    });
    return connection;
  }

  async #open(transport: Transport): Promise<Connection> {
    const { route, retries } = this.#options;
    const signal = this.#signal;
    for (let attempt = 0;; attempt++) {
      try {
        return await transport.open(route.endpoint, {
          signal,
          onPhase: (phase) => this.#enter(phase),
        });
      } catch (error) {
        const mayPass = error instanceof ConnectError && error.mayPass;
        if (attempt === retries || !mayPass) throw error;
        // Jitter, so that hosts that failed together do not retry together.
        const ms = RETRY_MS * 2 ** attempt * (0.5 + Math.random());
        await pause(ms, signal);
      }
    }
  }

  get #all(): readonly Account[] {
    return [...this.#accounts.values()];
  }

  #makeAccount(
    become: Become | undefined,
    { key, archive = this.#options.archive }: AccountVariant & { key: string },
  ): Account {
    const { route, hinted, onKept, budget, linkLoss } = this.#options;
    const connection = become === undefined
      ? this.#connection
      : this.#connection.then((login) => {
        this.#elevations++;
        return this.#elevate(login, { become, key })
          .finally(() => this.#elevations--);
      });
    // Its users get the error; the next use tries again.
    connection.catch(() => this.#drop(key));
    return new Account({
      host: route.endpoint.name,
      python: route.python,
      connection,
      inMemory: route.inMemory,
      ...{ archive, budget, linkLoss },
      hinted: () => hinted(become),
      onKept: (ids) => onKept(ids, become),
      onPhase: (phase) => this.#enter(phase),
      signal: () => this.#signal,
    });
  }

  get #signal(): AbortSignal {
    return (this.#stop ??= new AbortController()).signal;
  }

  async #elevate(
    login: Connection,
    { become, key }: { become: Become; key: string },
  ): Promise<Connection> {
    const { route, trials } = this.#options;
    const { endpoint } = route;
    const python = typeof route.python === "string" ? route.python : undefined;
    const timeoutMs = endpoint.ssh?.connectTimeoutMs ??
      SSH_DEFAULTS.connectTimeoutMs;
    const signal = this.#signal;
    if (login.distrust !== undefined) {
      const takePassword = () =>
        Promise.resolve({ password: undefined, end: () => {} });
      return elevate(login, { become, python, timeoutMs, takePassword });
    }
    const ready = await withPassword(become, login, {
      ...{ endpoint, python, timeoutMs, trials, signal },
    });
    return elevate(login, {
      become: ready,
      python,
      timeoutMs,
      takePassword: async () => {
        const { password, end } = await trials.take(endpoint, ready)
          .catch((error) => {
            this.#drop(key);
            throw error;
          });
        return {
          password,
          end: (verdict) => {
            if (verdict === "refused") this.#drop(key);
            end(verdict);
          },
        };
      },
    });
  }

  /** Forgets an account without a gate; its next use gets the password again. */
  #drop(key: string): void {
    if (this.#accounts.get(key)?.gateIfOpen) return;
    this.#accounts.delete(key);
  }

  get #isOpening(): boolean {
    return this.#opened === undefined ||
      this.#all.some((account) => account.isOpening);
  }

  #enter(phase: Phase | undefined): void {
    this.#phase = phase;
    const isBusy = this.#isOpening || this.#elevations > 0;
    if (phase === undefined && !isBusy && !this.isOver) this.#stop = undefined;
    for (const listener of this.#listeners) listener(phase);
  }
}
