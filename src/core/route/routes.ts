// The routes to the hosts of one fleet, and the passwords for them. Each route is
// found once, and each warning about it is given once. Contacts no host.
import type { Host } from "../../inventory/inventory.ts";
import type { AskPassword } from "../../transport/ssh/ssh_transport.ts";
import type { Endpoint } from "../../transport/transport.ts";
import {
  type Become,
  type BecomeOverrides,
  resolveBecome,
} from "../become/become.ts";
import type { HostRoute } from "./host_endpoint.ts";
import { SharedSettings } from "./shared_settings.ts";

/** The sources of login passwords. */
export interface PasswordSources {
  /** For the fleet's hosts. Default: the hosts' variables. */
  ofHosts?: AskPassword | undefined;
  /** For bastions. Default: none. */
  ofBastions?: AskPassword | undefined;
}

/** How routes are found, and the callbacks for warnings. */
export interface RoutesOptions {
  find: (host: Host) => Promise<HostRoute>;
  become: BecomeOverrides;
  /** Default: the hosts' variables. */
  passwords?: PasswordSources | undefined;
  /** Texts to mask; the hosts' passwords are added to it. */
  secrets?: Set<string> | undefined;
  /** Called once for each line of ssh_config that is not followed. */
  onIgnored?: ((line: string) => void) | undefined;
  /** Called once for each reason to connect with the system's `ssh`. */
  onOpenssh?: ((host: string, reason: string) => void) | undefined;
}

/** Routes by the names of their hosts. */
export class Routes {
  readonly #options: RoutesOptions;
  readonly #found = new Map<string, HostRoute>();
  readonly #settings = new SharedSettings();
  /** The warnings that were given already. */
  readonly #warned = new Set<string>();
  /** Whether and how calls run as another user, from the next use of a host on. */
  become: BecomeOverrides;
  /** The passwords that hosts were given; they are masked in all output. */
  readonly secrets: Set<string>;

  constructor(options: RoutesOptions) {
    this.#options = options;
    this.secrets = options.secrets ?? new Set();
    this.become = options.become;
  }

  /** @throws {InventoryError} when a host's variables are invalid. */
  async find(hosts: readonly Host[]): Promise<void> {
    for (const host of hosts) {
      if (!this.#found.has(host.name)) {
        const route = this.#sharing(await this.#options.find(host));
        this.#found.set(host.name, route);
        // A module may print them even when the login used a key.
        for (const secret of [route.password, route.become.password]) {
          if (secret?.plain) this.secrets.add(secret.plain);
        }
        this.#warnOf(host.name, route);
      }
      this.becomeOf(host.name);
    }
  }

  /** Forgets a host; `find()` finds its route again. */
  forget(name: string): void {
    this.#found.delete(name);
  }

  /** @throws {RangeError} when `find()` was not called for the host. */
  get(name: string): HostRoute {
    const route = this.#found.get(name);
    if (!route) {
      throw new RangeError(`Cannot reach ${name}: it is not in the fleet`);
    }
    return route;
  }

  /** The user that calls run as on a host; undefined for the login user. */
  becomeOf(name: string): Become | undefined {
    const settings = this.#found.get(name)?.become;
    return settings && resolveBecome(name, settings, this.become);
  }

  /** The password for an endpoint; a bastion never gets that of a host. */
  async passwordOf(
    endpoint: Endpoint,
    tried: { refused?: string },
  ): Promise<string | undefined> {
    const { ofHosts, ofBastions } = this.#options.passwords ?? {};
    const route = this.#found.get(endpoint.name);
    const password =
      await (route?.endpoint !== endpoint
        ? ofBastions?.(endpoint, tried)
        : ofHosts
        ? ofHosts(endpoint, tried)
        : route.password?.reveal());
    if (password !== undefined) this.secrets.add(password);
    return password;
  }

  /** Whether a password may be sent to a host, or to a bastion before it. */
  mayNeedPassword({ endpoint, password, become }: HostRoute): boolean {
    const { ofHosts, ofBastions } = this.#options.passwords ?? {};
    const { enabled = become.enabled, ...given } = this.become;
    return ofHosts !== undefined || password !== undefined ||
      (ofBastions !== undefined && endpoint.jumps !== undefined) ||
      (enabled === true && (become.password !== undefined ||
        given.password !== undefined || given.ask !== undefined));
  }

  /** The same route; what it has in common with others is kept once. */
  #sharing(route: HostRoute): HostRoute {
    const settings = this.#settings;
    const { become, endpoint: { ssh, openssh, ...endpoint } } = route;
    return {
      ...route,
      ignored: settings.of(route.ignored),
      become: become.password === undefined ? settings.of(become) : become,
      endpoint: {
        ...endpoint,
        identityFiles: settings.of(endpoint.identityFiles),
        ...(ssh && { ssh: settings.of(ssh) }),
        ...(openssh && {
          openssh: {
            ...openssh,
            identityFiles: settings.of(openssh.identityFiles),
            options: settings.of(openssh.options),
            ...(openssh.forAll && { forAll: settings.of(openssh.forAll) }),
          },
        }),
      },
    };
  }

  /** Reports why the system's `ssh` connects to a host, once for each reason. */
  warnOf(host: string, reason: string): void {
    if (this.#isNew(reason)) this.#options.onOpenssh?.(host, reason);
  }

  #warnOf(host: string, { reason, ignored }: HostRoute): void {
    const { onIgnored } = this.#options;
    if (reason !== undefined) this.warnOf(host, reason);
    for (const { file, line, ...what } of ignored) {
      const keyword = what.kind === "set" ? what.keyword : what.kind;
      const place = `${keyword} of ${file}:${line}`;
      if (this.#isNew(place)) onIgnored?.(place);
    }
  }

  #isNew(warning: string): boolean {
    if (this.#warned.has(warning)) return false;
    this.#warned.add(warning);
    return true;
  }
}
