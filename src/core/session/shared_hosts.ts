// The hosts that a session keeps open, shared by its clients. A host is known by its
// key: everything that decides its connection. Nothing here knows a socket.
import { NEVER } from "../../async/abort.ts";
import { Budget, type BudgetOptions } from "../../protocol/reply_budget.ts";
import { NO_BECOME } from "../../inventory/connection/connection_settings.ts";
import { KnownHostsFiles } from "../../transport/known_hosts/known_hosts_file.ts";
import type { Connection, Endpoint } from "../../transport/transport.ts";
import { type Become, becomeKey } from "../become/become.ts";
import type { BecomeTrials } from "../become/password_trials.ts";
import type { Account } from "../fleet/account.ts";
import type { LinkedGate } from "../fleet/host_link.ts";
import { Link } from "../fleet/link.ts";
import { Window } from "../fleet/window.ts";
import { type HostRoute, routeKey } from "../route/host_endpoint.ts";
import type { Transports } from "../route/transports.ts";
import { transportTo } from "../route/transport_to.ts";
import { type StartedShell, startShell } from "../shell/start_shell.ts";
import type { HostMemory } from "./host_memory.ts";
import type { RouteData } from "./session_messages.ts";
import { WaitingShell } from "./waiting_shell.ts";

/** How a host is opened: by the means of the client that asks for it first. */
export interface Opener {
  readonly transports: Transports;
  readonly trials: BecomeTrials;
  readonly retries: number;
  /** Called before the system's `ssh` is used instead, with the reason. */
  readonly onFallback: (endpoint: Endpoint, reason: string) => void;
  readonly onOpened: (host: SharedHost) => void;
}

/** With more open hosts, no shells wait: each takes memory here and there. */
const MAX_WAITING = 500;

/** The open hosts. */
export class SharedHosts {
  readonly #hosts = new Map<string, SharedHost>();
  readonly #budget: Budget;
  // Clients bound how many hosts are used at once; what is open stays open.
  readonly #window = new Window(Number.MAX_SAFE_INTEGER);
  readonly memory: HostMemory;
  readonly #shellsWait: boolean;

  /**
   * @param options `room`: slows all gates; see `Budget`. Default: nothing does.
   *   `shellsWait`: whether shells wait on hosts for later scripts. Default: false.
   */
  constructor(
    memory: HostMemory,
    { room, shellsWait = false }: Pick<BudgetOptions, "room"> & {
      shellsWait?: boolean;
    } = {},
  ) {
    this.memory = memory;
    this.#budget = new Budget({ room });
    this.#shellsWait = shellsWait;
  }

  /** The hosts that are open or being opened. */
  get all(): readonly SharedHost[] {
    for (const [key, host] of this.#hosts) {
      if (host.link.isOver) this.#hosts.delete(key);
    }
    return [...this.#hosts.values()];
  }

  /** A host; undefined unless it is open or being opened. */
  get(key: string): SharedHost | undefined {
    const host = this.#hosts.get(key);
    return host?.link.isOver ? undefined : host;
  }

  /**
   * Which of these hosts are open, and still trusted: their keys are compared with
   * known_hosts as it is now.
   */
  async find(keys: readonly string[]): Promise<number[]> {
    const reader = new KnownHostsFiles();
    const found: number[] = [];
    for (const [index, key] of keys.entries()) {
      const host = this.get(key);
      if (host === undefined) continue;
      try {
        await host.connection?.recheck?.(reader);
        found.push(index);
      } catch {
        // The client connects by itself, and reports what is wrong.
        this.#hosts.delete(key);
        void host.link.close();
      }
    }
    return found;
  }

  /** Opens a host. */
  open(key: string, route: RouteData, opener: Opener): SharedHost {
    const { hints, notes } = this.memory;
    const full: HostRoute = {
      endpoint: route.endpoint,
      python: route.python,
      inMemory: route.inMemory,
      password: undefined, // the opener's transports ask for it
      become: NO_BECOME, // the client says it with each command
      ignored: [],
      reason: undefined,
      mayFallBack: route.mayFallBack,
    };
    const link = new Link({
      route: full,
      window: this.#window,
      transport: () =>
        transportTo(full, {
          transports: opener.transports,
          notes,
          onFallback: opener.onFallback,
        }),
      archive: () => Promise.reject(new TypeError("No gate was named")),
      budget: this.#budget,
      trials: opener.trials,
      retries: opener.retries,
      linkLoss: route.linkLoss,
      hinted: (become) => hints.gateOn(routeKey(full, become)),
      onKept: (ids, become) => hints.note(routeKey(full, become), ids),
    });
    const host = new SharedHost(link, {
      name: route.endpoint.name,
      mayWait: () => this.#shellsWait && this.#hosts.size <= MAX_WAITING,
      onHinted: (become, archive) =>
        this.memory.learnArchive(routeKey(full, become), archive),
      onOver: () => {
        if (this.#hosts.get(key) === host) this.#hosts.delete(key);
        this.memory.forget(routeKey(full));
      },
    });
    this.#hosts.set(key, host);
    opener.onOpened(host);
    return host;
  }

  /** Closes a host; its next use opens it again. */
  async drop(host: SharedHost): Promise<void> {
    for (const [key, each] of this.#hosts) {
      if (each === host) this.#hosts.delete(key);
    }
    await host.link.close();
  }

  /** Closes all hosts. */
  async close(): Promise<void> {
    const hosts = [...this.#hosts.values()];
    this.#hosts.clear();
    await Promise.all(hosts.map(({ link }) => link.close()));
  }
}

/** A gate that is open or being opened, and what waits for its end. */
export interface SharedGate {
  readonly host: SharedHost;
  readonly account: Account;
  readonly gate: LinkedGate;
  readonly onClosed: Set<(error: Error | undefined) => void>;
}

/** What a host tells the others of its session. */
export interface SharedHostOptions {
  readonly name: string;
  /** Whether a shell may wait on it. */
  readonly mayWait: () => boolean;
  /** Called when a client knows that the host has an archive. */
  readonly onHinted: (become: Become | undefined, archive: string) => void;
  /** Called when it has ended. */
  readonly onOver: () => void;
}

/** One open host. */
export class SharedHost {
  readonly link: Link;
  readonly name: string;
  /** Called when the connection has ended. */
  readonly onLost = new Set<(error: Error | undefined) => void>();
  /** The connection, once it is open. */
  connection: Connection | undefined;
  /** The shell that waits on it. */
  readonly shells: WaitingShell;
  readonly #gates = new Map<string, SharedGate>();
  readonly #onHinted: SharedHostOptions["onHinted"];
  #generation = 0;

  constructor(
    link: Link,
    { name, mayWait, onHinted, onOver }: SharedHostOptions,
  ) {
    this.link = link;
    this.name = name;
    this.shells = new WaitingShell(() =>
      mayWait() ? this.connection : undefined
    );
    this.#onHinted = onHinted;
    // Each client that waits for the connection gets an error itself.
    link.account().connection(NEVER).then((connection) => {
      this.connection = connection;
      connection.closed.then((error) => {
        this.shells.close();
        onOver();
        for (const tell of this.onLost) tell(error);
      });
    }, onOver);
  }

  /** The number of open gates. */
  get gates(): number {
    return [...this.#gates.values()].filter(({ gate }) => gate.isOpen).length;
  }

  /** Takes the shell that waits, or starts one. */
  async startShell(signal: AbortSignal): Promise<StartedShell> {
    return await this.shells.take(signal) ??
      await startShell(await this.link.account().connection(signal), {
        signal,
      });
  }

  /**
   * The gate of a user with an archive. Where there is none, it is opened with the
   * password of the client that asks.
   */
  async gate(
    become: Become | undefined,
    { id, isHinted, archive, signal }: {
      id: string;
      isHinted: boolean;
      archive: () => Promise<{ id: string; bytes: Uint8Array }>;
      signal: AbortSignal;
    },
  ): Promise<SharedGate> {
    const key = `${id} ${becomeKey(become)}`;
    const known = this.#gates.get(key);
    if (known !== undefined) return known;
    if (isHinted) this.#onHinted(become, id);
    const name = `gate-${++this.#generation}`;
    const account = this.link.account(become, { name, archive });
    let gate: LinkedGate;
    try {
      gate = await account.gate(signal);
    } catch (error) {
      this.link.dropAccounts(name);
      throw error;
    }
    const faster = this.#gates.get(key);
    if (faster !== undefined) {
      account.dropGate(gate, new Error("Another client opened the gate"));
      void gate.channel.closed.then(() => this.link.dropAccounts(name));
      return faster;
    }
    const shared: SharedGate = {
      ...{ host: this, account, gate },
      onClosed: new Set(),
    };
    this.#gates.set(key, shared);
    gate.opened.then(() => {
      this.shells.worked();
      this.shells.renewSoon();
    }, () => {});
    gate.channel.closed.then((error) => {
      this.#gates.delete(key);
      for (const tell of shared.onClosed) tell(error);
      this.link.dropAccounts(name);
    });
    return shared;
  }
}
