// The open gates of a fleet. Hosts open on first use, at most `fanout` at
// once, stay open for the next call, close when other hosts wait for a slot, and
// open again after a loss.
import type { Fleet, Traffic } from "./fleet.ts";
import type { Located } from "../../gate/modules/module_lookup.ts";
import type { Host } from "../../inventory/inventory.ts";
import type { Vault } from "../../inventory/vault.ts";
import { ConnectError } from "../../errors.ts";
import { Budget } from "../../protocol/reply_budget.ts";
import { KnownHostsFiles } from "../../transport/known_hosts/known_hosts_file.ts";
import type { SshOptions } from "../../transport/ssh/ssh_transport.ts";
import type { Endpoint } from "../../transport/transport.ts";
import type {
  HostAccount,
  HostLink,
  LinkedGate,
  LinkSource,
  PhaseListener,
} from "./host_link.ts";
import type { BecomeOverrides } from "../become/become.ts";
import { BecomeTrials } from "../become/password_trials.ts";
import {
  type ConnectionOverrides,
  type HostRoute,
  resolveRoute,
  routeKey,
} from "../route/host_endpoint.ts";
import { CALL_DEFAULTS } from "../call/call_defaults.ts";
import { Link, type LinkOptions } from "./link.ts";
import {
  type PreparedModule,
  Provision,
  type ProvisionOptions,
} from "./provision.ts";
import { Routes, type RoutesOptions } from "../route/routes.ts";
import { findControllerEnv } from "../route/controller_env.ts";
import { Transports } from "../route/transports.ts";
import { Window } from "./window.ts";

/** The parts of a fleet. */
export interface HostFleetOptions extends
  ProvisionOptions,
  Pick<
    RoutesOptions,
    "passwords" | "secrets" | "onIgnored" | "onOpenssh"
  > {
  /** Its hosts. No host is contacted before its first use. */
  hosts: readonly Host[];
  /** Settings for all hosts; they win over the hosts' variables. */
  connection?: ConnectionOverrides | undefined;
  /**
   * Options of SSH. `config` is the ssh_config file to read, or `none`; default:
   * `~/.ssh/config`, then `/etc/ssh/ssh_config`.
   */
  ssh?: Partial<SshOptions> & { config?: string | undefined } | undefined;
  /** Decrypts files that actions send. Default: none can be decrypted. */
  vault?: Vault | undefined;
  /** How many hosts are open at once. Default: that of `CALL_DEFAULTS`. */
  fanout?: number | undefined;
  /** How many more times an unreachable host is tried. Default: 0. */
  retries?: number | undefined;
  /** What happens to running calls after a lost connection. Default: `kill`. */
  linkLoss?: "kill" | "finish" | undefined;
  /** Sessions that keep some of the hosts open. Default: none. */
  sessions?: LinkSource | undefined;
}

/** The options of one use of a host. */
export interface UseOptions {
  onPhase: PhaseListener;
  /** Whether the host stays open afterwards. */
  keepOpen: boolean;
}

/**
 * Makes a fleet of hosts.
 *
 * @throws {RangeError} when `fanout` is not a whole number above 0.
 */
export async function openHostFleet(
  options: HostFleetOptions,
): Promise<HostFleet> {
  const knownHostsReader = new KnownHostsFiles();
  const ssh = { knownHostsReader, ...options.ssh };
  const controllerEnv = await findControllerEnv(ssh);
  const fleet = new HostFleet(
    { ...options, ssh },
    (host) => resolveRoute(host, options.connection ?? {}, controllerEnv),
  );
  fleet.add(options.hosts);
  return fleet;
}

/** A fleet, with the methods that runs and the console need. */
export class HostFleet implements Fleet {
  readonly #hosts = new Map<string, Host>();
  readonly #options: HostFleetOptions;
  readonly #routes: Routes;
  readonly #provision: Provision;
  readonly #window: Window;
  readonly #budget = new Budget();
  readonly #links = new Map<string, HostLink>();
  /** Links that are closing, until they have closed. */
  readonly #leaving = new Map<HostLink, Promise<void>>();
  readonly #transports: Transports;
  /** The traffic of links that have closed. */
  readonly #traffic: Traffic = { bytesSent: 0, gatesSent: 0, packsSent: 0 };
  readonly #trials: BecomeTrials;
  #usedSessions = 0;
  #isClosed = false;

  constructor(
    options: HostFleetOptions,
    findRoute: (host: Host) => Promise<HostRoute>,
  ) {
    this.#options = options;
    this.#routes = new Routes({
      ...options,
      find: findRoute,
      become: options.connection?.become ?? {},
    });
    this.#trials = new BecomeTrials(this.secrets);
    this.#provision = new Provision(options);
    this.#window = new Window(options.fanout ?? CALL_DEFAULTS.fanout);
    const ssh = {
      password: (endpoint: Endpoint, tried: { refused?: string }) =>
        this.#routes.passwordOf(endpoint, tried),
      ...options.ssh,
    };
    this.#transports = new Transports(ssh);
    options.sessions?.serve({
      ssh,
      password: ssh.password,
      endpointOf: (host) => this.#routes.get(host).endpoint,
    });
  }

  /** Its hosts, in the order in which they were added. */
  get hosts(): readonly Host[] {
    return [...this.#hosts.values()];
  }

  /** Decrypts files of the controller. */
  get vault(): Vault | undefined {
    return this.#options.vault;
  }

  /** How many hosts may be open at once. */
  get fanout(): number {
    return this.#window.size;
  }

  /** @throws {RangeError} when it is not a whole number above 0. */
  set fanout(size: number) {
    this.#window.size = size;
  }

  /** Adds hosts, except those whose names it has already. Contacts no host. */
  add(hosts: readonly Host[]): void {
    for (const host of hosts) {
      if (!this.#hosts.has(host.name)) this.#hosts.set(host.name, host);
    }
  }

  /**
   * Finds the routes to hosts. Contacts no host.
   *
   * @throws {InventoryError} when a host's variables are invalid.
   */
  async findRoutes(hosts: readonly Host[]): Promise<void> {
    await this.#routes.find(hosts);
    const { sessions, linkLoss = "kill" } = this.#options;
    if (sessions === undefined) return;
    const routes = hosts.map(({ name }) => this.#routes.get(name));
    await sessions.find(routes, linkLoss);
  }

  /**
   * The route to a host. Contacts no host.
   *
   * @throws {InventoryError} when its variables are invalid.
   */
  async routeTo(host: Host): Promise<HostRoute> {
    await this.findRoutes([host]);
    return this.#routes.get(host.name);
  }

  /** Whether and how calls run as another user, from the next use of a host on. */
  get become(): BecomeOverrides {
    return this.#routes.become;
  }

  set become(overrides: BecomeOverrides) {
    this.#routes.become = overrides;
  }

  /** The passwords that hosts were given; they are masked in all output. */
  get secrets(): Set<string> {
    return this.#routes.secrets;
  }

  /** What was sent to its hosts so far. */
  get traffic(): Traffic {
    const traffic = { ...this.#traffic };
    for (const link of [...this.#links.values(), ...this.#leaving.keys()]) {
      traffic.bytesSent += link.bytesSent;
      traffic.gatesSent += link.gatesSent;
      traffic.packsSent += link.packsSent;
    }
    return traffic;
  }

  /** The open gates of the user that calls run as, by the names of the hosts. */
  get gates(): ReadonlyMap<string, LinkedGate> {
    const gates = new Map<string, LinkedGate>();
    for (const [name, link] of this.#links) {
      const { gateIfOpen } = link.account(this.#routes.becomeOf(name));
      if (gateIfOpen) gates.set(name, gateIfOpen);
    }
    return gates;
  }

  /** Whether this process answers for connections; false when sessions do. */
  get hasConnections(): boolean {
    return [...this.#links.values()].some((link) => link instanceof Link);
  }

  /** How many times a host was taken from a session. */
  get usedSessions(): number {
    return this.#usedSessions;
  }

  /** The archive of its gates, built at the first call. */
  archive(): ReturnType<Provision["archive"]> {
    return this.#provision.archive();
  }

  /**
   * Finds a module; undefined when it does not exist. Contacts no host.
   *
   * @throws {BuildError} when it was removed, or cannot be read.
   */
  locate(module: string): Promise<Located | undefined> {
    return this.#provision.locate(module);
  }

  /**
   * Finds a module, and packs it unless the archive has it. Contacts no host.
   *
   * @throws {BuildError} when there is no such module, or it cannot be packed.
   */
  prepare(
    module: string,
    options: { native?: boolean | undefined } = {},
  ): Promise<PreparedModule> {
    return this.#provision.prepare(module, options);
  }

  /**
   * Runs `work` with the account that calls use on a host, and opens the host.
   * When its connection had died while it was idle, the host is opened again, and
   * `work` starts again: nothing of it had started there.
   */
  async use<T>(
    host: Host,
    { onPhase, keepOpen }: UseOptions,
    work: (account: HostAccount) => Promise<T>,
  ): Promise<T> {
    if (this.#isClosed) {
      throw new TypeError("Cannot use the fleet: it is closed");
    }
    await this.findRoutes([host]);
    const use = async (link: HostLink) => {
      link.join(onPhase);
      try {
        return await work(link.account(this.#routes.becomeOf(host.name)));
      } finally {
        link.leave(onPhase, { keepOpen });
        if (link.isOver) this.#forget(host.name, link);
      }
    };
    const link = this.#linkTo(host.name);
    const { starts } = link;
    try {
      return await use(link);
    } catch (error) {
      const isDead = error instanceof ConnectError &&
        error.phase === "start" && error.mayPass;
      // Only what never began on a connection that was open before is repeated.
      if (!isDead || starts === undefined || link.starts !== starts) {
        throw error;
      }
      this.#forget(host.name, link);
      return await use(this.#linkTo(host.name));
    }
  }

  /** Closes some hosts; their next use opens them again. */
  async release(names: Iterable<string>): Promise<void> {
    const closing: Promise<void>[] = [];
    for (const name of names) {
      const link = this.#links.get(name);
      if (link === undefined) continue;
      closing.push(link.close({ reopen: true }));
      this.#forget(name, link);
    }
    await Promise.all(closing);
  }

  /** Saves what hosts keep on disk, so that the next run sends less. */
  async saveHints(): Promise<void> {
    try {
      await this.#options.store?.hints.save();
    } catch {
      // A lost hint costs the next run one round trip, nothing else.
    }
  }

  /** Ends all gates and connections. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const [name, link] of this.#links) {
      link.close();
      this.#forget(name, link);
    }
    await Promise.all(this.#leaving.values());
    await this.#options.sessions?.close();
    await this.#transports.close();
    await this.saveHints();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #linkTo(name: string): HostLink {
    const current = this.#links.get(name);
    if (current && !current.isOver) return current;
    if (current) this.#forget(name, current);
    const route = this.#routes.get(name);
    const { retries = 0, linkLoss = "kill", sessions } = this.#options;
    const archive = () => this.#provision.archive();
    const part = { archive, retries, linkLoss };
    const shared = sessions?.link(route, part);
    if (shared !== undefined) this.#usedSessions++;
    const link = shared ?? this.#ownLink(route, part);
    this.#links.set(name, link);
    return link;
  }

  /** A link on a connection of this process. */
  #ownLink(
    route: HostRoute,
    part: Pick<LinkOptions, "archive" | "retries" | "linkLoss">,
  ): Link {
    const { store } = this.#options;
    return new Link({
      ...part,
      route,
      window: this.#window,
      transport: () => this.#transports.get(route.endpoint.transport),
      budget: this.#budget,
      trials: this.#trials,
      hinted: (become) =>
        store?.hints.gateOn(routeKey(route, become)) ?? new Set(),
      onKept: (ids, become) => store?.hints.note(routeKey(route, become), ids),
    });
  }

  #forget(name: string, link: HostLink): void {
    if (this.#links.get(name) !== link) return;
    this.#links.delete(name);
    this.#leaving.set(
      link,
      link.close().then(() => {
        this.#leaving.delete(link);
        this.#traffic.bytesSent += link.bytesSent;
        this.#traffic.gatesSent += link.gatesSent;
        this.#traffic.packsSent += link.packsSent;
      }),
    );
  }
}

/**
 * The HostFleet that a fleet of the library is.
 *
 * @throws {TypeError} when `openFleet()` did not make it.
 */
export function hostFleetOf(fleet: Fleet): HostFleet {
  if (fleet instanceof HostFleet) return fleet;
  throw new TypeError("Cannot use the fleet: openFleet() did not make it");
}
