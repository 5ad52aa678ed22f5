// `openFleet()` for programs: plain options, the store on by default, and one
// callback for all warnings.
import type { Archive } from "../../gate/archive/build_gate.ts";
import type { ModuleSources } from "../../gate/sources/library.ts";
import type { Host, Inventory } from "../../inventory/inventory.ts";
import type { Vault } from "../../inventory/vault.ts";
import { openStore, type Store } from "../../store/store.ts";
import type {
  Endpoint,
  HostKeyPolicy,
  TransportName,
} from "../../transport/transport.ts";
import type { BecomeMethod } from "../become/become.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { LinkSource } from "../fleet/host_link.ts";
import { openHostFleet } from "../fleet/host_fleet.ts";
import type { ClientHello } from "../session/session_messages.ts";
import type { WorkerProgram } from "../workers/spawned_worker.ts";
import { MAX_WORKERS } from "../workers/worker_count.ts";
import { WORKER_PROCESS } from "../workers/worker_word.ts";

/**
 * Returns a secret for a host, or undefined. `refused` is the one
 * that the host did not accept.
 */
export type AskSecret = (
  host: string,
  options: { refused?: string },
) => Promise<string | undefined>;

/** The user that calls run as, after the login. */
export interface BecomeOptions {
  /** Whether calls run as another user. Default: `ansible_become`, else false. */
  enabled?: boolean | undefined;
  /** The user. Default: `ansible_become_user`, else `root`. */
  user?: string | undefined;
  /** The become method. Default: `ansible_become_method`, else `sudo`. */
  method?: BecomeMethod | undefined;
  /** The password that it asks for. Default: `ansible_become_password`. */
  password?: string | AskSecret | undefined;
}

/** How hosts are reached. Each setting wins over the hosts' variables. */
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
  /**
   * The Python interpreter on the hosts. Default: `ansible_python_interpreter`,
   * else the first that is found.
   */
  python?: string | undefined;
  /**
   * Put nothing of ours on the hosts' disks: gates stay in memory. Default:
   * `ftl_in_memory`, else false.
   */
  inMemory?: boolean | undefined;
  /** What to do about unknown host keys. Default: ssh_config, else `check`. */
  hostKeys?: HostKeyPolicy | undefined;
  /** Files of known host keys. Default: those of `ssh`. */
  knownHostsFiles?: readonly string[] | undefined;
  /** From resolving the name to the login, in ms. Default: 10 000. */
  connectTimeoutMs?: number | undefined;
  /** The login password. Default: `ansible_password`. */
  password?: string | AskSecret | undefined;
  /** The login password of bastions. Default: none. */
  bastionPassword?: string | AskSecret | undefined;
  /** Returns the passphrase of a key file. Default: encrypted keys are skipped. */
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

/** The sessions of a fleet: background processes that keep hosts open. */
export interface SessionOptions {
  /**
   * Leave the fleet's hosts open for later programs, in a session that ends when it
   * was not used for this long, in ms. Default: hosts are only taken from sessions
   * that have them.
   */
  keepMs?: number | undefined;
  /** The name of the session that the hosts are left to. Default: `default`. */
  name?: string | undefined;
}

/** The hosts of a fleet, what runs on them, and how they are reached. */
export interface FleetOptions {
  /** Its hosts. No host is contacted before its first use. */
  hosts: readonly Host[];
  /** The folders of modules. Default: none; shell commands need no modules. */
  sources?: ModuleSources | undefined;
  /** A gate that `buildGate()` made. Default: the base gate, and packs. */
  gate?: Archive | undefined;
  /** The cache of gates; null for none. Default: `openStore()`. */
  store?: Store | null | undefined;
  /** Settings for all hosts. Default: the hosts' variables and ssh_config. */
  connection?: ConnectionOptions | undefined;
  /** Decrypts files that `copy` and similar send. Default: such files fail. */
  vault?: Vault | undefined;
  /**
   * The hosts and groups that templates see as `hostvars` and `groups`. Default:
   * those of `hosts`.
   */
  inventory?: Inventory | undefined;
  /** How many hosts are open at once. Default: 500. */
  fanout?: number | undefined;
  /** How many more times an unreachable host is tried. Default: 0. */
  retries?: number | undefined;
  /** What happens to running calls after a lost connection. Default: `kill`. */
  linkLoss?: "kill" | "finish" | undefined;
  /**
   * How many more processes connect to the hosts, to use more cores. Where they
   * cannot be started, this process connects. Default: 0.
   */
  workers?: number | undefined;
  /**
   * Use sessions: a host that one has open in the same way is called through it, in
   * one round trip. Sessions are those of programs that use the same files of ftl,
   * not those of the binary. Where none can be used, this process connects. Default:
   * none are used.
   */
  session?: SessionOptions | undefined;
  /** Called once with each warning, a sentence. Default: warnings are dropped. */
  onWarning?: ((message: string) => void) | undefined;
}

/**
 * Opens a fleet of hosts. Contacts no host.
 *
 * @throws {RangeError} when `fanout` or `session.keepMs` is not a whole number above
 *   0, or `workers` not one from 0 to 64.
 * @throws {SourceError} when the session of `session.name` cannot be started.
 */
export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const { connection = {}, onWarning = () => {}, ...others } = options;
  const { password, bastionPassword, passphrase, become, ...reach } =
    connection;
  const { sshConfig, agentSocket, ...overrides } = reach;
  checkNumbers(options);
  const store = await storeOption(others.store, onWarning);
  const { sessions } = await sessionsOption(options, onWarning);
  let workers: LinkSource | undefined;
  try {
    ({ workers } = await workersOption(options, onWarning));
    return await openHostFleet({
      hosts: others.hosts,
      gate: others.gate,
      vault: others.vault,
      inventory: others.inventory,
      fanout: others.fanout,
      retries: others.retries,
      linkLoss: others.linkLoss,
      ...(others.sources && { sources: others.sources }),
      ...store,
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
      ...(sessions && { sessions }),
      ...(workers && { workers }),
    });
  } catch (error) {
    await Promise.all([sessions?.close(), workers?.close()]);
    throw error;
  }
}

function checkNumbers({ session, workers = 0 }: FleetOptions): void {
  const { keepMs } = session ?? {};
  if (keepMs !== undefined && !(Number.isSafeInteger(keepMs) && keepMs > 0)) {
    throw new RangeError(
      `Cannot keep hosts open for ${keepMs} ms: it is not a whole number above 0`,
    );
  }
  if (
    !(Number.isSafeInteger(workers) && workers >= 0 && workers <= MAX_WORKERS)
  ) {
    throw new RangeError(
      `Cannot start ${workers} workers: it is not a whole number from 0 to ${MAX_WORKERS}`,
    );
  }
}

/** What the processes of sessions and workers are told about this one. */
function clientOf(
  { connection: { agentSocket, passphrase } = {} }: FleetOptions,
): Pick<ClientHello, "agentSocket" | "asks"> {
  return {
    agentSocket: agentSocket ?? Deno.env.get("SSH_AUTH_SOCK") ?? "",
    asks: { passphrase: passphrase !== undefined, answer: false, alone: false },
  };
}

/** What starts another process of ftl; without its sources, what for is warned of. */
async function programFor(
  what: string,
  onWarning: (message: string) => void,
): Promise<WorkerProgram | undefined> {
  const { sourceProgram } = await import("../workers/source_program.ts");
  const program = await sourceProgram();
  if (program === undefined) {
    onWarning(`Cannot ${what}: ftl's sources are not files here`);
  }
  return program;
}

async function sessionsOption(
  options: FleetOptions,
  onWarning: (message: string) => void,
): Promise<{ sessions?: LinkSource }> {
  const { session } = options;
  if (session === undefined) return {};
  const { keepMs, name } = session;
  const program = await programFor("use sessions", onWarning);
  if (program === undefined) return {};
  const { findSessions } = await import("../session/find_sessions.ts");
  const { ftl, build } = program;
  const sessions = await findSessions(
    { ftl, build, ...clientOf(options) },
    keepMs === undefined ? undefined : {
      ...{ name, program },
      idleMs: keepMs,
      isOptional: name === undefined,
    },
    {
      onUnusable: (name, why) =>
        onWarning(`The session ${name} is not used: ${why}`),
      onNotKept: (why) => onWarning(`Nothing is kept open: ${why}`),
    },
  );
  return sessions === undefined ? {} : { sessions };
}

async function workersOption(
  options: FleetOptions,
  onWarning: (message: string) => void,
): Promise<{ workers?: LinkSource }> {
  const { workers = 0 } = options;
  if (workers === 0) return {};
  const program = await programFor("start workers", onWarning);
  if (program === undefined) return {};
  const { WorkerPool } = await import("../workers/worker_pool.ts");
  return {
    workers: new WorkerPool({
      count: workers,
      program: { ...program, args: [...program.args, WORKER_PROCESS] },
      client: clientOf(options),
      onLost: onWarning,
    }),
  };
}

/** A fleet without a store works too, but builds and sends more. */
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
