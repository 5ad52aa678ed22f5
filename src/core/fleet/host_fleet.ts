// The open gates of a fleet. Hosts open on first use, at most `fanout` at
// once, stay open for the next call, close when other hosts wait for a slot, and
// open again after a loss.
import type { Fleet, Traffic } from "./fleet.ts";
import type { Located } from "../../gate/modules/module_lookup.ts";
import type { Host, Inventory } from "../../inventory/inventory.ts";
import type { HostTemplates } from "../../inventory/templates/host_templates.ts";
import type { Vault } from "../../inventory/vault.ts";
import { KnownHostsFiles } from "../../transport/known_hosts/known_hosts_file.ts";
import type { SshOptions } from "../../transport/ssh/ssh_transport.ts";
import type { Endpoint } from "../../transport/transport.ts";
import type {
  HostAccount,
  LinkedGate,
  LinkSource,
  SourceAnswers,
} from "./host_link.ts";
import type { BecomeOverrides } from "../become/become.ts";
import {
  type ConnectionOverrides,
  type HostRoute,
  resolveRoute,
} from "../route/host_endpoint.ts";
import { HostFacts } from "./host_facts.ts";
import { CALL_DEFAULTS } from "../call/call_defaults.ts";
import type { SessionInventory } from "./session_inventory.ts";
import { Links, type UseOptions } from "./links.ts";
import {
  type ModuleProvider,
  type PreparedModule,
  Provision,
  type ProvisionOptions,
} from "./provision.ts";
import { Routes, type RoutesOptions } from "../route/routes.ts";
import {
  type ControllerEnv,
  findControllerEnv,
} from "../route/controller_env.ts";
import { loginKey } from "../../transport/login_memory.ts";
import { Transports } from "../route/transports.ts";
import { memoryIn } from "../route/transport_to.ts";
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
  /** Where its archive and modules come from. Default: the files of `sources`. */
  modules?: ModuleProvider | undefined;
  /** Settings for all hosts; they win over the hosts' variables. */
  connection?: ConnectionOverrides | undefined;
  /**
   * Options of SSH. `config` is the ssh_config file to read, or `none`; default:
   * `~/.ssh/config`, then `/etc/ssh/ssh_config`.
   */
  ssh?: Partial<SshOptions> & { config?: string | undefined } | undefined;
  /** The inventory of a session, which calls may change. Default: none. */
  session?: SessionInventory | undefined;
  /** Decrypts files that actions send. Default: none can be decrypted. */
  vault?: Vault | undefined;
  /** The hosts and groups that templates see. Default: those of `hosts`. */
  inventory?: Inventory | undefined;
  /** How many hosts are open at once. Default: that of `CALL_DEFAULTS`. */
  fanout?: number | undefined;
  /** How many more times an unreachable host is tried. Default: 0. */
  retries?: number | undefined;
  /** What happens to running calls after a lost connection. Default: `kill`. */
  linkLoss?: "kill" | "finish" | undefined;
  /** Sessions that keep some of the hosts open. Default: none. */
  sessions?: LinkSource | undefined;
  /** Workers that connect to hosts for this process. Default: none do. */
  workers?: LinkSource | undefined;
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
  const notes = options.store?.hostNotes;
  const controllerEnv: ControllerEnv = {
    ...await findControllerEnv(ssh),
    needsOpenssh: (endpoint) => notes?.of(loginKey(endpoint)).openssh,
  };
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
  readonly #provision: ModuleProvider;
  readonly #window: Window;
  readonly #transports: Transports;
  readonly #links: Links;
  #templates: HostTemplates | undefined;
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
    this.#provision = options.modules ?? new Provision(options);
    this.#window = new Window(options.fanout ?? CALL_DEFAULTS.fanout);
    const ssh = {
      password: (endpoint: Endpoint, tried: { refused?: string }) =>
        this.#routes.passwordOf(endpoint, tried),
      loginMemory: options.store && memoryIn(options.store.hostNotes),
      ...options.ssh,
    };
    this.#transports = new Transports(ssh);
    this.#links = new Links({
      routes: this.#routes,
      transports: this.#transports,
      window: this.#window,
      store: options.store,
      sessions: options.sessions,
      workers: options.workers,
      archive: () => this.#provision.archive(),
      retries: options.retries ?? 0,
      linkLoss: options.linkLoss ?? "kill",
    });
    const answers: SourceAnswers = {
      ssh,
      password: ssh.password,
      endpointOf: (host) => this.#routes.get(host).endpoint,
      secrets: this.secrets,
      mayNeedPassword: (route) => this.#routes.mayNeedPassword(route),
      onFallback: (host, reason) => this.#routes.warnOf(host, reason),
      store: options.store,
    };
    options.sessions?.serve(answers);
    options.workers?.serve(answers);
  }

  /** Its hosts, in the order in which they were added. */
  get hosts(): readonly Host[] {
    return [...this.#hosts.values()];
  }

  /** How its hosts are reached, as it was opened. */
  get settings(): Pick<
    HostFleetOptions,
    "connection" | "passwords" | "linkLoss" | "retries"
  > {
    return this.#options;
  }

  /** Decrypts files of the controller. */
  get vault(): Vault | undefined {
    return this.#options.vault;
  }

  /** Renders templates for its hosts; loaded at the first template. */
  async templates(): Promise<HostTemplates> {
    const { makeTemplates } = await import("./fleet_templates.ts");
    return this.#templates ??= makeTemplates({
      inventory: this.#options.inventory,
      hosts: this.hosts,
      vault: this.vault,
      seen: (host) => this.facts.seen(host),
      connection: this.#options.connection ?? {},
    });
  }

  /** How many hosts may be open at once. */
  get fanout(): number {
    return this.#window.size;
  }

  /** @throws {RangeError} when it is not a whole number above 0. */
  set fanout(size: number) {
    this.#window.size = size;
  }

  /** How many processes connect to its hosts, at most. */
  get processes(): number {
    return this.#options.workers?.processes ?? 1;
  }

  /** Adds hosts, except those whose names it has already. Contacts no host. */
  add(hosts: readonly Host[]): void {
    for (const host of hosts) {
      if (!this.#hosts.has(host.name)) this.#hosts.set(host.name, host);
    }
  }

  /** Forgets hosts that no call uses any more. */
  remove(names: Iterable<string>): void {
    for (const name of names) {
      this.#hosts.delete(name);
      this.#routes.forget(name);
      this.facts.forget(name);
    }
  }

  /** The inventory that calls may change; undefined outside of a session. */
  get session(): SessionInventory | undefined {
    return this.#options.session;
  }

  /**
   * Uses other variables and groups of a host from the next call on. How a host is
   * reached stays as it was when it was first used.
   */
  replace(host: Host): void {
    if (this.#hosts.has(host.name)) this.#hosts.set(host.name, host);
  }

  /**
   * Finds the routes to hosts. Contacts no host.
   *
   * @throws {InventoryError} when a host's variables are invalid.
   */
  async findRoutes(hosts: readonly Host[]): Promise<void> {
    await this.#routes.find(hosts);
    const { sessions, workers, linkLoss = "kill" } = this.#options;
    if (sessions === undefined && workers === undefined) return;
    const routes = hosts.map(({ name }) => this.#routes.get(name));
    await sessions?.find(routes, linkLoss);
    await workers?.find(routes, linkLoss);
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

  /** The facts that hosts have reported, as far as they are kept. */
  readonly facts = new HostFacts();

  /** The passwords that hosts were given; they are masked in all output. */
  get secrets(): Set<string> {
    return this.#routes.secrets;
  }

  /** What was sent to its hosts so far. */
  get traffic(): Traffic {
    return this.#links.traffic;
  }

  /** The open gates of the user that calls run as, by the names of the hosts. */
  get gates(): ReadonlyMap<string, LinkedGate> {
    return this.#links.gates;
  }

  /** Whether this process answers for connections; false when sessions do. */
  get hasConnections(): boolean {
    return this.#links.hasConnections;
  }

  /** How many times a host was taken from a session. */
  get usedSessions(): number {
    return this.#links.usedSessions;
  }

  /** The archive of its gates, built at the first call. */
  archive(): ReturnType<ModuleProvider["archive"]> {
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

  /** The rules for a module's arguments; undefined when none are known. */
  argumentRules(module: string): ReturnType<ModuleProvider["argumentRules"]> {
    return this.#provision.argumentRules(module);
  }

  /**
   * Runs `work` with the account that calls use on a host, and opens the host.
   * When its connection had died while it was idle, the host is opened again, and
   * `work` starts again: nothing of it had started there.
   */
  async use<T>(
    host: Host,
    options: UseOptions,
    work: (account: HostAccount) => Promise<T>,
  ): Promise<T> {
    if (this.#isClosed) {
      throw new TypeError("Cannot use the fleet: it is closed");
    }
    await this.findRoutes([host]);
    return await this.#links.use(host.name, options, work);
  }

  /** Closes some hosts; their next use opens them again. */
  release(names: Iterable<string>): Promise<void> {
    return this.#links.release(names);
  }

  /** Saves what hosts keep on disk, so that the next run sends less. */
  async saveHints(): Promise<void> {
    try {
      await this.#options.store?.hints.save();
      await this.#options.store?.hostNotes.save();
    } catch {
      // A lost hint costs the next run one round trip, nothing else.
    }
  }

  /** Ends all gates and connections. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#links.close();
    await this.#transports.close();
    await this.saveHints();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
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
