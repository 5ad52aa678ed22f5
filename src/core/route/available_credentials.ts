// The controller's credentials and known hosts that decide which transport a host
// gets. Each is read once, when the first host needs it.
import { agentKeyTypes } from "../../transport/agent_keys.ts";
import type { KnownHostsLine } from "../../transport/known_hosts/known_hosts.ts";
import type { KeyFile } from "../../transport/openssh/choose_transport.ts";
import { lookAtKey } from "../../transport/openssh/key_file_header.ts";
import type { Endpoint } from "../../transport/transport.ts";
import {
  KnownHostsFiles,
  knownHostsFiles,
} from "../../transport/known_hosts/known_hosts_file.ts";
import { memoize } from "../../async/memoize.ts";

/** The credentials of the controller. */
export interface AvailableCredentials {
  /** The key files that a host would be offered. */
  keysFor(endpoint: Endpoint): readonly KeyFile[];
  /** The types of the agent's keys; none when no agent answers. */
  agentKeys(socket: string | undefined): Promise<readonly string[]>;
  /** Whether there is a Kerberos ticket. */
  hasTicket(): boolean;
  /** The `@cert-authority` line by which alone a host is known. */
  authorityOf(endpoint: Endpoint): Promise<KnownHostsLine | undefined>;
}

/** The key types whose files in `~/.ssh` the `ssh` program tries by default. */
const DEFAULT_KEYS = ["rsa", "ecdsa", "ecdsa_sk", "ed25519", "ed25519_sk"];

/** The credentials of this process. */
export function findAvailableCredentials(
  home: string,
  knownHosts = new KnownHostsFiles(),
): AvailableCredentials {
  const key = memoize(lookAtKey);
  const types = memoize((socket: string) =>
    agentKeyTypes(socket).catch(() => [])
  );
  const ticket = memoize(holdsTicket);
  const defaults = DEFAULT_KEYS.map((name) => `${home}/.ssh/id_${name}`);
  return {
    keysFor: ({ identityFiles }) => {
      const paths = identityFiles.length > 0 ? identityFiles : defaults;
      return paths.map(key).filter((file) => file !== undefined);
    },
    agentKeys: (socket = Deno.env.get("SSH_AUTH_SOCK") ?? "") =>
      socket === "" ? Promise.resolve([]) : types(socket),
    hasTicket: () => ticket(Deno.env.get("KRB5CCNAME") ?? ""),
    authorityOf: async ({ address, port, ssh = {} }) => {
      if (ssh.hostKeys === "off") return undefined;
      const files = ssh.knownHostsFiles ?? knownHostsFiles(home);
      const hosts = await knownHosts.authorities(files);
      const { hostKeyAlias: alias } = ssh;
      return hosts?.authorityAlone(
        alias ?? address,
        alias === undefined ? port : 22,
      );
    },
  };
}

/**
 * Whether there is a Kerberos ticket in a cache. An empty name is the user's
 * default cache; other users can create a file of that name, so its owner and
 * mode are checked.
 */
function holdsTicket(cache: string): boolean {
  const path = cache.replace(/^(?:FILE|DIR):/, "");
  // A cache in a keyring or a daemon has a name with a colon.
  if (/^[A-Z]+:/.test(path)) return true;
  try {
    if (path !== "") return Deno.statSync(path).size > 0;
    const { isFile, uid, mode, size } = Deno.lstatSync(
      `/tmp/krb5cc_${Deno.uid()}`,
    );
    return isFile && uid === Deno.uid() && (mode! & 0o077) === 0 && size > 0;
  } catch {
    return false;
  }
}
