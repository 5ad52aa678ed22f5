// `openFleet()` as programs use it: plain options, the store on by default, and
// every warning in one place.
import type { Archive } from "../../gate/archive/build_gate.ts";
import type { ModuleSources } from "../../gate/sources/library.ts";
import type { Host } from "../../inventory/inventory.ts";
import { openStore, type Store } from "../../store/store.ts";
import type {
  Endpoint,
  HostKeyPolicy,
  TransportName,
} from "../../transport/transport.ts";
import type { Fleet } from "./fleet.ts";
import { openHostFleet } from "./host_fleet.ts";

/** Gives a secret for a host; `refused` is one that the host did not accept. */
export type AskSecret = (
  host: string,
  options: { refused?: string },
) => Promise<string | undefined>;

/** Which user calls run as, after the login. */
export interface BecomeOptions {
  /** Whether calls run as another user. Default: `ansible_become`, else false. */
  enabled?: boolean | undefined;
  /** The user. Default: `ansible_become_user`, else `root`. */
  user?: string | undefined;
  /** The program. Default: `ansible_become_method`, else `sudo`. */
  method?: "sudo" | "su" | "doas" | undefined;
  /** The password that the program asks for. Default: `ansible_become_password`. */
  password?: string | AskSecret | undefined;
}

/** How hosts are reached. Every setting wins over the hosts' variables. */
export interface ConnectionOptions {
  /** The login user. Default: `ansible_user`, ssh_config, then the local user. */
  user?: string | undefined;
  /** The port. Default: `ansible_port`, ssh_config, then 22. */
  port?: number | undefined;
  /** Private key files, tried first. Default: as `ssh` finds them. */
  identityFiles?: readonly string[] | undefined;
  /**
   * What carries the connection: `ssh` in this process, the system's `openssh`,
   * or `local` for this machine. Default: `ansible_connection`, else `ssh`, or
   * `openssh` where a host needs it.
   */
  transport?: TransportName | undefined;
  /** The Python interpreter on the hosts. Default: the first that is found. */
  python?: string | undefined;
  /** What to do about an unknown host key. Default: ssh_config, else `check`. */
  hostKeys?: HostKeyPolicy | undefined;
  /** Files of known host keys. Default: those of `ssh`. */
  knownHostsFiles?: readonly string[] | undefined;
  /** From resolving the name to a finished login, in ms. Default: 10 000. */
  connectTimeoutMs?: number | undefined;
  /** The login password. Default: `ansible_password`. */
  password?: string | AskSecret | undefined;
  /** The password of hosts on the way. Default: none. */
  bastionPassword?: string | AskSecret | undefined;
  /** Gives the passphrase of a key file. Default: encrypted keys are skipped. */
  passphrase?: ((file: string) => Promise<string | undefined>) | undefined;
  /**
   * The ssh_config file, or `none`. Default: `~/.ssh/config`, then
   * `/etc/ssh/ssh_config`.
   */
  sshConfig?: string | undefined;
  /** The agent's socket; empty for none. Default: `SSH_AUTH_SOCK`. */
  agentSocket?: string | undefined;
  /** The user that calls run as. Default: the login user. */
  become?: BecomeOptions | undefined;
}

/** What a fleet consists of. */
export interface FleetOptions {
  /** Its hosts. None is contacted before its first use. */
  hosts: readonly Host[];
  /** Where modules come from. Default: nowhere; shell commands need none. */
  sources?: ModuleSources | undefined;
  /** A gate that `buildGate()` made. Default: the base gate, and packs. */
  gate?: Archive | undefined;
  /** Where gates are cached; null for nowhere. Default: `openStore()`. */
  store?: Store | null | undefined;
  /** How hosts are reached. Default: as their variables and ssh_config say. */
  connection?: ConnectionOptions | undefined;
  /** How many hosts are open at once. Default: 500. */
  fanout?: number | undefined;
  /** How many more times an unreachable host is tried. Default: 0. */
  retries?: number | undefined;
  /** What happens to running calls after a lost connection. Default: `kill`. */
  linkLoss?: "kill" | "finish" | undefined;
  /** Told each warning once, as one sentence. Default: warnings are dropped. */
  onWarning?: ((message: string) => void) | undefined;
}

/**
 * Opens a fleet of hosts. Contacts no host.
 *
 * @throws {RangeError} when `fanout` is not a whole number above 0.
 */
export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const { connection = {}, onWarning = () => {}, ...others } = options;
  const { password, bastionPassword, passphrase, become, ...reach } =
    connection;
  const { sshConfig, agentSocket, ...overrides } = reach;
  return await openHostFleet({
    hosts: others.hosts,
    gate: others.gate,
    fanout: others.fanout,
    retries: others.retries,
    linkLoss: others.linkLoss,
    ...(others.sources && { sources: others.sources }),
    ...await storeOption(others.store, onWarning),
    connection: {
      ...overrides,
      become: become && { ...become, password: secretOf(become.password) },
    },
    ssh: {
      config: sshConfig,
      passphrase,
      ...(agentSocket === undefined ? {} : { agentSocket }),
    },
    passwords: {
      ofHosts: secretOf(password),
      ofBastions: secretOf(bastionPassword),
    },
    onIgnored: (line) => onWarning(`Not followed: ${line}`),
    onOpenssh: (host, reason) =>
      onWarning(`${host} is reached through the system's ssh, for ${reason}`),
  });
}

/** A fleet works without a store; it builds and sends more then. */
async function storeOption(
  store: Store | null | undefined,
  onWarning: (message: string) => void,
): Promise<{ store?: Store }> {
  if (store !== undefined) return store === null ? {} : { store };
  try {
    return { store: await openStore() };
  } catch (error) {
    onWarning(`Nothing is cached: ${(error as Error).message}`);
    return {};
  }
}

function secretOf(secret: string | AskSecret | undefined) {
  if (secret === undefined) return undefined;
  return async (
    endpoint: Endpoint,
    options: { refused?: string } = {},
  ): Promise<string | undefined> => {
    if (typeof secret !== "string") return await secret(endpoint.name, options);
    return options.refused === undefined ? secret : undefined;
  };
}
