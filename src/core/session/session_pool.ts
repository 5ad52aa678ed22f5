// The sessions that a fleet may use. A host is in a session when everything that
// decides its connection is the same; all other hosts get connections of their own.
import { resolve } from "@std/path";
import type { Endpoint } from "../../transport/transport.ts";
import type {
  HostLink,
  LinkPart,
  LinkSource,
  SourceAnswers,
} from "../fleet/host_link.ts";
import type { HostRoute } from "../route/host_endpoint.ts";
import type { SessionClient } from "./session_client.ts";
import { SessionLink } from "./session_link.ts";
import { needsEnvironment, SessionAnswers } from "./session_answers.ts";
import { type RouteData, routeDataOf, sessionKey } from "./session_messages.ts";

/** The sessions of a fleet. */
export interface SessionPoolOptions {
  /** Sessions that may have the hosts open already. */
  readonly clients: readonly SessionClient[];
  /** The session that opens the hosts that none has. Default: none does. */
  readonly keeper?: SessionClient | undefined;
  /** What ways to hosts depend on in the environment of this process. */
  readonly environment: string;
  /** Called once for each session that was lost while it was used. */
  readonly onLost: (client: SessionClient) => void;
}

/** Makes links through sessions. */
export class SessionPool implements LinkSource {
  readonly processes = 1;
  readonly #options: SessionPoolOptions;
  /** The session of each host that one has, by the host's name. */
  readonly #found = new Map<string, SessionClient>();
  readonly #asked = new Set<string>();
  readonly #links = new Map<SessionClient, Map<number, SessionLink>>();
  readonly #lost = new Set<SessionClient>();

  constructor(options: SessionPoolOptions) {
    this.#options = options;
  }

  /** Answers the questions of the sessions from now on. */
  serve(answers: SourceAnswers): void {
    for (const client of this.#clients) {
      client.listener = new SessionAnswers(answers, this.#linksOf(client));
    }
  }

  /** Finds out which hosts the sessions have. Contacts no host. */
  async find(
    routes: readonly HostRoute[],
    linkLoss: "kill" | "finish",
  ): Promise<void> {
    const wanted = routes.filter(({ endpoint: { name } }) => {
      const isNew = !this.#asked.has(name);
      this.#asked.add(name);
      return isNew;
    }).filter((route) => mayShare(route));
    if (wanted.length === 0) return;
    const keys = wanted.map((route) => sessionKey(this.#data(route, linkLoss)));
    for (const client of this.#clients) {
      const found = await client.ask<{ open: number[] }>("Find", { keys })
        .catch(() => undefined);
      if (found === undefined) this.#noteLoss(client);
      for (const index of found?.open ?? []) {
        const { name } = wanted[index]!.endpoint;
        if (!this.#found.has(name)) this.#found.set(name, client);
      }
    }
  }

  /** A link to a host through a session; undefined when none has or opens it. */
  link(route: HostRoute, part: LinkPart): HostLink | undefined {
    if (!mayShare(route)) return undefined;
    const { name } = route.endpoint;
    const { keeper } = this.#options;
    const client = this.#found.get(name) ?? keeper;
    // When that link ends, the next one is of this process, or the keeper's.
    this.#found.delete(name);
    if (client === undefined) return undefined;
    if (!client.isOpen) {
      this.#noteLoss(client);
      return undefined;
    }
    const data = this.#data(route, part.linkLoss);
    const links = this.#linksOf(client);
    const link = new SessionLink({
      ...part,
      ...{ client, route, data },
      key: sessionKey(data),
      mayOpen: client === keeper,
      onOver: (id) => links.delete(id),
    });
    links.set(link.id, link);
    return link;
  }

  /** Leaves the sessions. */
  async close(): Promise<void> {
    for (const client of this.#clients) {
      if (!client.isOpen) this.#noteLoss(client);
      for (const link of this.#links.get(client)?.values() ?? []) {
        void link.close();
      }
    }
    await Promise.all([...this.#clients].map((client) => client.leave()));
  }

  get #clients(): ReadonlySet<SessionClient> {
    const { clients, keeper } = this.#options;
    return new Set(keeper === undefined ? clients : [...clients, keeper]);
  }

  #linksOf(client: SessionClient): Map<number, SessionLink> {
    let links = this.#links.get(client);
    if (links === undefined) {
      links = new Map();
      this.#links.set(client, links);
    }
    return links;
  }

  #noteLoss(client: SessionClient): void {
    if (this.#lost.has(client)) return;
    this.#lost.add(client);
    this.#options.onLost(client);
  }

  #data(route: HostRoute, linkLoss: "kill" | "finish"): RouteData {
    const isNeeded = needsEnvironment(route.endpoint);
    const environment = isNeeded ? this.#options.environment : "";
    const endpoint = absolute(route.endpoint);
    return routeDataOf({ ...route, endpoint }, { linkLoss, environment });
  }
}

/**
 * Whether a host may be in a session: commands of the transport `local` would run
 * with the session's environment and folder.
 */
function mayShare({ endpoint }: HostRoute): boolean {
  return endpoint.transport !== "local";
}

/** An endpoint whose paths do not depend on the working folder. */
function absolute(endpoint: Endpoint): Endpoint {
  const { jumps, openssh } = endpoint;
  const files = openssh?.identityFiles;
  return {
    ...withAbsolutePaths(endpoint),
    ...(jumps && { jumps: jumps.map(withAbsolutePaths) }),
    ...(openssh && {
      openssh: { ...openssh, ...(files && { identityFiles: files.map(path) }) },
    }),
  };
}

function withAbsolutePaths<E extends Omit<Endpoint, "jumps">>(endpoint: E): E {
  const { identityFiles, ssh } = endpoint;
  const known = ssh?.knownHostsFiles;
  return {
    ...endpoint,
    identityFiles: identityFiles.map(path),
    ...(ssh && {
      ssh: { ...ssh, ...(known && { knownHostsFiles: known.map(path) }) },
    }),
  };
}

function path(name: string): string {
  return resolve(name);
}

/** Variables that differ between terminals, and decide no connection. */
const IGNORED =
  /^(?:FTL_.*|PWD|OLDPWD|SHLVL|_|TERM|TERM_.*|COLORTERM|COLUMNS|LINES|WINDOWID|TMUX.*|STY|WINDOW|SSH_(?:TTY|CONNECTION|CLIENT)|GPG_TTY|XDG_SESSION_ID)$/;

/** What ways to hosts may depend on in the environment of this process. */
export async function environmentKey(): Promise<string> {
  const variables = Object.entries(Deno.env.toObject())
    .filter(([name]) => !IGNORED.test(name)).sort();
  const text = new TextEncoder().encode(JSON.stringify(variables));
  const digest = await crypto.subtle.digest("SHA-256", text);
  return new Uint8Array(digest).toHex();
}
