// Which keys a host is offered, in which order. A key that was named for the
// host comes first, because a host ends a login after a few keys (MaxAuthTries)
// and an agent may hold many.
import { join } from "@std/path";
import type { Endpoint } from "../transport.ts";
import type { SharedAgent } from "./agent.ts";
import type { Identity } from "./identity.ts";
import type { KeyFiles } from "./key_files.ts";

/** The files tried when none is named, under `~/.ssh`. */
const DEFAULT_FILES = ["id_ed25519", "id_ecdsa", "id_rsa"];

/** Keys to offer, and why some cannot be. */
export interface Offer {
  readonly identities: readonly Identity[];
  readonly unusable: readonly string[];
}

/** Where the keys of a run come from. */
export class IdentitySource {
  readonly #agent: SharedAgent | undefined;
  readonly #files: KeyFiles;
  readonly #home: string;
  #defaults: Promise<Offer> | undefined;

  constructor(
    { agent, files, home }: {
      agent: SharedAgent | undefined;
      files: KeyFiles;
      home: string;
    },
  ) {
    this.#agent = agent;
    this.#files = files;
    this.#home = home;
  }

  /** The keys for a host. */
  async of({ identityFiles }: Endpoint): Promise<Offer> {
    const agent = await this.#ofAgent();
    if (identityFiles.length > 0) {
      const named = await this.#ofFiles(identityFiles);
      return merge(withAgentsOwn(named, agent), agent);
    }
    this.#defaults ??= this.#ofDefaults();
    return merge(agent, await this.#defaults);
  }

  async #ofAgent(): Promise<Offer> {
    if (this.#agent === undefined) return { identities: [], unusable: [] };
    try {
      return { identities: await this.#agent.identities(), unusable: [] };
    } catch {
      // SSH_AUTH_SOCK outlives many an agent; the files may do.
      return { identities: [], unusable: ["the agent does not answer"] };
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
        const reason = error instanceof Error ? error.message : String(error);
        unusable.push(`${path} cannot be used: ${reason}`);
      }
    }
    return { identities, unusable };
  }
}

/** Puts the agent's key in place of a file's that would need its passphrase. */
function withAgentsOwn(files: Offer, agent: Offer): Offer {
  const identities = files.identities.map((identity) =>
    identity.locked
      ? agent.identities.find((other) => isSame(identity, other)) ?? identity
      : identity
  );
  return { ...files, identities };
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
