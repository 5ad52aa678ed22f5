// Which keys a host is offered, in which order. A key that was named for the
// host comes first, because a host ends a login after a few keys (MaxAuthTries)
// and an agent may hold many.
import { messageOf } from "../../errors.ts";
import { join } from "@std/path";
import type { Endpoint } from "../transport.ts";
import { SharedAgent } from "./ssh_agent.ts";
import type { Identity } from "./identity.ts";
import type { KeyFiles } from "./key_files.ts";

/** The files tried when none is named, under `~/.ssh`. */
const DEFAULT_FILES = ["id_ed25519", "id_ecdsa", "id_rsa"];

/** How many keys a host looks at in any case: MaxAuthTries is 6 by default. */
const FEW = 5;
/** How long a host waits for another to find the right one of many keys. */
const SCOUT_MS = 1500;

interface Scout {
  readonly who: object;
  readonly over: PromiseWithResolvers<void>;
}

/** Keys to offer, and why some cannot be. */
export interface Offer {
  readonly identities: readonly Identity[];
  readonly unusable: readonly string[];
}

/** Where the keys of a run come from. */
export class IdentitySource {
  readonly #agentSocket: string;
  readonly #agents = new Map<string, SharedAgent>();
  readonly #files: KeyFiles;
  readonly #home: string;
  #defaults: Promise<Offer> | undefined;
  /** Keys that have let somebody in, by the user's name there. */
  readonly #taken = new Map<string, Set<Identity>>();
  /** Hosts that find out which of many keys lets a user in. */
  readonly #scouts = new Map<string, Scout>();

  constructor(
    { agentSocket, files, home }: {
      agentSocket: string;
      files: KeyFiles;
      home: string;
    },
  ) {
    this.#agentSocket = agentSocket;
    this.#files = files;
    this.#home = home;
  }

  /**
   * The keys for a host. Where there are many and none has let the user in yet,
   * one host finds out which does, and the others wait a little for it.
   *
   * @param who tells this host's attempts from those of others
   */
  async of(endpoint: Endpoint, who: object): Promise<Offer> {
    const offer = await this.#offerFor(endpoint);
    const { user } = endpoint;
    if (offer.identities.length <= FEW || this.#taken.has(user)) return offer;
    const scout = this.#scouts.get(user);
    if (scout === undefined) {
      this.#scouts.set(user, { who, over: Promise.withResolvers() });
      return offer;
    }
    if (scout.who === who) return offer;
    const timer = Promise.withResolvers<void>();
    const waited = setTimeout(timer.resolve, SCOUT_MS);
    await Promise.race([scout.over.promise, timer.promise]);
    clearTimeout(waited);
    return await this.#offerFor(endpoint);
  }

  async #offerFor({ identityFiles, user, ssh }: Endpoint): Promise<Offer> {
    const agent = this.#tookFirst(
      await this.#ofAgent(ssh?.agentSocket ?? this.#agentSocket),
      user,
    );
    const files = withAgentsOwn(
      identityFiles.length > 0
        ? await this.#ofFiles(identityFiles)
        : await (this.#defaults ??= this.#ofDefaults()),
      agent,
    );
    if (ssh?.identitiesOnly) {
      return { ...files, unusable: [...agent.unusable, ...files.unusable] };
    }
    return identityFiles.length > 0 ? merge(files, agent) : merge(agent, files);
  }

  /** Notes which key let a user in: it may do for the next host too. */
  took(identity: Identity, user: string): void {
    this.#taken.set(user, (this.#taken.get(user) ?? new Set()).add(identity));
    this.#scouts.get(user)?.over.resolve();
  }

  /** A host was not reached: if others wait for it, they wait no longer. */
  gaveUp(user: string, who: object): void {
    const scout = this.#scouts.get(user);
    if (scout?.who === who) scout.over.resolve();
  }

  /** An agent's keys, those before the others that have let the user in. */
  #tookFirst({ identities, unusable }: Offer, user: string): Offer {
    const taken = this.#taken.get(user);
    if (taken === undefined) return { identities, unusable };
    const isTaken = (identity: Identity) => taken.has(identity);
    return {
      identities: [
        ...identities.filter(isTaken),
        ...identities.filter((identity) => !isTaken(identity)),
      ],
      unusable,
    };
  }

  /** Fails what is still asked of agents. */
  close(): void {
    for (const agent of this.#agents.values()) agent.close();
  }

  async #ofAgent(socket: string): Promise<Offer> {
    if (socket === "") return { identities: [], unusable: [] };
    let agent = this.#agents.get(socket);
    if (agent === undefined) {
      agent = new SharedAgent(socket);
      this.#agents.set(socket, agent);
    }
    try {
      return { identities: await agent.identities(), unusable: [] };
    } catch {
      // SSH_AUTH_SOCK outlives many an agent; the files may do.
      const unusable = [`the agent at ${socket} does not answer`];
      return { identities: [], unusable };
    }
  }

  async #ofDefaults(): Promise<Offer> {
    const paths = DEFAULT_FILES.map((name) => join(this.#home, ".ssh", name));
    const there = await Promise.all(paths.map(exists));
    return this.#ofFiles(paths.filter((_, i) => there[i]));
  }

  async #ofFiles(paths: readonly string[]): Promise<Offer> {
    const identities: Identity[] = [];
    const unusable: string[] = [];
    for (const path of paths) {
      try {
        identities.push(await this.#files.identity(path));
      } catch (error) {
        const reason = messageOf(error);
        unusable.push(`${path} cannot be used: ${reason}`);
      }
    }
    return { identities, unusable };
  }
}

/**
 * Puts the agent's key in place of a file's that cannot sign without somebody's
 * help, and says why what is left of these cannot be used.
 */
function withAgentsOwn(files: Offer, agent: Offer): Offer {
  const identities = files.identities.map((identity) =>
    identity.locked
      ? agent.identities.find((other) => isSame(identity, other)) ?? identity
      : identity
  );
  return {
    identities: identities.filter(({ unusable }) => unusable === undefined),
    unusable: [
      ...files.unusable,
      ...identities.flatMap(({ label, unusable }) =>
        unusable === undefined ? [] : [`${label} cannot be used: ${unusable}`]
      ),
    ],
  };
}

/** Both offers, each key once. */
function merge(first: Offer, second: Offer): Offer {
  const others = second.identities.filter((identity) =>
    !first.identities.some((other) => isSame(identity, other))
  );
  return {
    identities: [...first.identities, ...others],
    unusable: [...first.unusable, ...second.unusable],
  };
}

function isSame(a: Identity, b: Identity): boolean {
  return a.publicKey.getPublicSSH().equals(b.publicKey.getPublicSSH());
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false; // one that we may not look at is no use to us either
  }
}
