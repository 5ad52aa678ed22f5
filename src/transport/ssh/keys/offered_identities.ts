// Which keys a host is offered, and in which order. A key that was named for the
// host comes first, because a host ends a login after a few keys (MaxAuthTries)
// and an agent may have many.
import { messageOf } from "../../../errors.ts";
import { join } from "@std/path";
import type { Endpoint } from "../../transport.ts";
import { SharedAgent } from "./ssh_agent.ts";
import type { LoginWay } from "../../login_memory.ts";
import { type Identity, wayOf } from "./identity.ts";
import type { KeyFiles } from "./key_files.ts";

/** The files tried when none is named, under `~/.ssh`. */
export const DEFAULT_KEY_FILES = ["id_ed25519", "id_ecdsa", "id_rsa"];

/** Every host checks this many keys: MaxAuthTries is 6 by default. */
const FEW = 5;
/** How long a host waits until another has found the right one of many keys. */
const SCOUT_MS = 1500;

interface Scout {
  readonly who: object;
  readonly over: PromiseWithResolvers<void>;
}

/** Keys to offer, and reasons why others cannot be. */
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
  /** Keys that a host has accepted, by the user's name there. */
  readonly #accepted = new Map<string, Set<Identity>>();
  /** The hosts that find out which of many keys is accepted, by user. */
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
   * The keys for a host. When there are many and no host has accepted one for
   * the user yet, one host finds out which is accepted, and the others wait
   * briefly for it.
   *
   * @param who identifies the attempts of this host
   * @param remembered how the host let the user in the last time: a key of
   *   that way comes first
   */
  async of(
    endpoint: Endpoint,
    who: object,
    remembered?: LoginWay,
  ): Promise<Offer> {
    const offer = await this.#offerFor(endpoint);
    const { user } = endpoint;
    const known = offer.identities.find((one) => wayOf(one) === remembered);
    if (known !== undefined) return merge(only(known), offer);
    if (offer.identities.length <= FEW || this.#accepted.has(user)) {
      return offer;
    }
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

  /** The keys for a host, as ways to log in. */
  async waysOf(endpoint: Endpoint): Promise<LoginWay[]> {
    const { identities } = await this.#offerFor(endpoint);
    return identities.map(wayOf).sort();
  }

  async #offerFor({ identityFiles, user, ssh }: Endpoint): Promise<Offer> {
    const agent = this.#acceptedFirst(
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

  /** Whether a host has accepted a key for a user. */
  isAccepted(identity: Identity, user: string): boolean {
    return this.#accepted.get(user)?.has(identity) ?? false;
  }

  /** Records the key that a host accepted: the next host may accept it too. */
  accepted(identity: Identity, user: string): void {
    this.#accepted.set(
      user,
      (this.#accepted.get(user) ?? new Set()).add(identity),
    );
    this.#scouts.get(user)?.over.resolve();
  }

  /** A host was not reached: other hosts no longer wait for it. */
  gaveUp(user: string, who: object): void {
    const scout = this.#scouts.get(user);
    if (scout?.who === who) scout.over.resolve();
  }

  /** An agent's keys, with those first that a host has accepted for the user. */
  #acceptedFirst({ identities, unusable }: Offer, user: string): Offer {
    const accepted = this.#accepted.get(user);
    if (accepted === undefined) return { identities, unusable };
    const isAccepted = (identity: Identity) => accepted.has(identity);
    return {
      identities: [
        ...identities.filter(isAccepted),
        ...identities.filter((identity) => !isAccepted(identity)),
      ],
      unusable,
    };
  }

  /** Makes pending requests to agents fail. */
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
      // SSH_AUTH_SOCK often outlives its agent; the files may be enough.
      const unusable = [`the agent at ${socket} does not answer`];
      return { identities: [], unusable };
    }
  }

  async #ofDefaults(): Promise<Offer> {
    const paths = DEFAULT_KEY_FILES.map((name) =>
      join(this.#home, ".ssh", name)
    );
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
 * Replaces each file's key that needs the user to sign by the same key of the
 * agent, and explains why the others cannot be used.
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

function only(identity: Identity): Offer {
  return { identities: [identity], unusable: [] };
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
    return false; // an unreadable file cannot be used either
  }
}
