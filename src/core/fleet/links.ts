// The links of a fleet: the open state of each host, made at its first use, and
// again after a loss.
import { ConnectError } from "../../errors.ts";
import { Budget } from "../../protocol/reply_budget.ts";
import { BecomeTrials } from "../become/password_trials.ts";
import type { HostRoute } from "../route/host_endpoint.ts";
import type { Routes } from "../route/routes.ts";
import type { Transports } from "../route/transports.ts";
import type { Traffic } from "./fleet.ts";
import {
  type HostAccount,
  type HostLink,
  LINK_CLOSED,
  type LinkedGate,
  type LinkPart,
  type LinkSource,
  type PhaseListener,
} from "./host_link.ts";

/** The parts of links. */
export interface LinksOptions extends LinkPart {
  readonly routes: Routes;
  readonly transports: Transports;
  /** Sessions that keep some of the hosts open. Default: none. */
  readonly sessions?: LinkSource | undefined;
  /** Workers that connect to hosts for this process. Default: none do. */
  readonly workers?: LinkSource | undefined;
}

/** The options of one use of a host. */
export interface UseOptions {
  onPhase: PhaseListener;
  /** Whether the host stays open afterwards. */
  keepOpen: boolean;
}

/** The links of a fleet by the names of the hosts. */
export class Links {
  readonly #options: LinksOptions;
  readonly #budget = new Budget();
  readonly #trials: BecomeTrials;
  readonly #links = new Map<string, HostLink>();
  /** Links that are closing, until they have closed. */
  readonly #leaving = new Map<HostLink, Promise<void>>();
  /** The traffic of links that have closed. */
  readonly #traffic: Traffic = { bytesSent: 0, gatesSent: 0, packsSent: 0 };
  /** Links on connections of this process; loaded when there is one. */
  readonly #ownLinks = new WeakSet<HostLink>();
  #own: Promise<typeof import("./own_link.ts")> | undefined;
  #usedSessions = 0;
  #isClosed = false;

  constructor(options: LinksOptions) {
    this.#options = options;
    this.#trials = new BecomeTrials(options.routes.secrets);
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
      const { gateIfOpen } = link.account(this.#options.routes.becomeOf(name));
      if (gateIfOpen) gates.set(name, gateIfOpen);
    }
    return gates;
  }

  /** Whether this process answers for connections; false when sessions do. */
  get hasConnections(): boolean {
    return [...this.#links.values()].some((link) => this.#ownLinks.has(link));
  }

  /** How many times a host was taken from a session. */
  get usedSessions(): number {
    return this.#usedSessions;
  }

  /**
   * Runs `work` with the account that calls use on a host, and opens the host.
   * When its connection had died while it was idle, the host is opened again, and
   * `work` starts again: nothing of it had started there.
   */
  async use<T>(
    name: string,
    { onPhase, keepOpen }: UseOptions,
    work: (account: HostAccount) => Promise<T>,
  ): Promise<T> {
    const use = async (link: HostLink) => {
      link.join(onPhase);
      try {
        return await work(link.account(this.#options.routes.becomeOf(name)));
      } finally {
        link.leave(onPhase, { keepOpen });
        if (link.isOver) this.#forget(name, link);
      }
    };
    const link = await this.#linkTo(name);
    const { starts } = link;
    try {
      return await use(link);
    } catch (error) {
      const isDead = error instanceof ConnectError &&
        error.phase === "start" && error.mayPass;
      // Only what never began is repeated, and only where the connection was open
      // before, or its worker has ended.
      const mayRepeat = starts !== undefined || link.isAbandoned;
      const hasBegun = (link.starts ?? 0) !== (starts ?? 0);
      if (!isDead || !mayRepeat || hasBegun) throw error;
      this.#forget(name, link);
      return await use(await this.#linkTo(name));
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

  /** Closes all links; none is made any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const [name, link] of this.#links) {
      link.close();
      this.#forget(name, link);
    }
    await Promise.all(this.#leaving.values());
    const { sessions, workers } = this.#options;
    await Promise.all([sessions?.close(), workers?.close()]);
  }

  async #linkTo(name: string): Promise<HostLink> {
    const current = this.#current(name);
    if (current !== undefined) return current;
    const { routes, sessions, workers, ...part } = this.#options;
    const route = routes.get(name);
    const shared = sessions?.link(route, part);
    if (shared !== undefined) this.#usedSessions++;
    const link = shared ?? workers?.link(route, part);
    if (link === undefined) return await this.#ownLink(name, route);
    this.#links.set(name, link);
    return link;
  }

  /** The link to a host, unless it is over. */
  #current(name: string): HostLink | undefined {
    const current = this.#links.get(name);
    if (current === undefined || !current.isOver) return current;
    this.#forget(name, current);
    return undefined;
  }

  /** A link on a connection of this process, which two uses may ask for at once. */
  async #ownLink(name: string, route: HostRoute): Promise<HostLink> {
    const { ownLink } = await (this.#own ??= import("./own_link.ts"));
    if (this.#isClosed) throw LINK_CLOSED;
    const current = this.#current(name);
    if (current !== undefined) return current;
    const { sessions: _sessions, workers: _workers, ...part } = this.#options;
    const link = ownLink(route, {
      ...part,
      budget: this.#budget,
      trials: this.#trials,
    });
    this.#ownLinks.add(link);
    this.#links.set(name, link); // before another use resumes
    return link;
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
