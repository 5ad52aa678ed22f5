// The ways to the hosts of one fleet, and what is given to be let in: each way
// is found once, and what is peculiar about it is settings once. Contacts nobody.
import type { Host } from "../../inventory/inventory.ts";
import type { AskPassword } from "../../transport/ssh/ssh_transport.ts";
import type { Endpoint } from "../../transport/transport.ts";
import {
  type Become,
  type BecomeOverrides,
  resolveBecome,
} from "../become/become.ts";
import type { HostRoute } from "./host_endpoint.ts";

/** Where passwords come from. */
export interface PasswordSources {
  /** For the fleet's hosts, in place of what their variables give. */
  ofHosts?: AskPassword | undefined;
  /** For hosts on the way to them. Default: there is none. */
  ofBastions?: AskPassword | undefined;
}

/** What routes are made with, and who is told of them. */
export interface RoutesOptions {
  find: (host: Host) => Promise<HostRoute>;
  become: BecomeOverrides;
  /** Default: those that hosts' variables give. */
  passwords?: PasswordSources | undefined;
  /** What is secret besides, and what becomes so; hosts' passwords are added. */
  secrets?: Set<string> | undefined;
  /** Told once of each line of ssh_config that is not followed. */
  onIgnored?: ((line: string) => void) | undefined;
  /** Told once of each reason for which the system's `ssh` connects to a host. */
  onOpenssh?: ((host: string, reason: string) => void) | undefined;
}

/** Routes by the names of their hosts. */
export class Routes {
  readonly #options: RoutesOptions;
  readonly #found = new Map<string, HostRoute>();
  /** What was told already. */
  readonly #told = new Set<string>();
  /** Whether and how commands run as another user, from the next use on. */
  become: BecomeOverrides;
  /** What hosts were given to be let in; masked wherever it turns up. */
  readonly secrets: Set<string>;

  constructor(options: RoutesOptions) {
    this.#options = options;
    this.secrets = options.secrets ?? new Set();
    this.become = options.become;
  }

  /** @throws {InventoryError} when a host's variables make no sense. */
  async find(hosts: readonly Host[]): Promise<void> {
    for (const host of hosts) {
      if (!this.#found.has(host.name)) {
        const route = await this.#options.find(host);
        this.#found.set(host.name, route);
        // Also where a key lets us in, a module may come across them.
        for (const secret of [route.password, route.become.password]) {
          if (secret?.plain) this.secrets.add(secret.plain);
        }
        this.#tellOf(host.name, route);
      }
      this.becomeOf(host.name);
    }
  }

  /** @throws {RangeError} when it was not found before. */
  get(name: string): HostRoute {
    const route = this.#found.get(name);
    if (!route) throw new RangeError(`${name} is no host of this fleet`);
    return route;
  }

  /** Whom commands on a host run as; undefined for who logs in. */
  becomeOf(name: string): Become | undefined {
    const settings = this.#found.get(name)?.become;
    return settings && resolveBecome(name, settings, this.become);
  }

  /** A host on the way is not one of ours, and is given none of their passwords. */
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

  #tellOf(host: string, { reason, ignored }: HostRoute): void {
    const { onOpenssh, onIgnored } = this.#options;
    if (reason !== undefined && this.#isNews(reason)) {
      onOpenssh?.(host, reason);
    }
    for (const { file, line, ...what } of ignored) {
      const keyword = what.kind === "set" ? what.keyword : what.kind;
      const place = `${keyword} of ${file}:${line}`;
      if (this.#isNews(place)) onIgnored?.(place);
    }
  }

  #isNews(what: string): boolean {
    if (this.#told.has(what)) return false;
    this.#told.add(what);
    return true;
  }
}
