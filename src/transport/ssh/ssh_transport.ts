// SSH connections by ssh2, in this process. ssh2 loads slowly: import this file
// dynamically, when a connection is needed.
import { NEVER } from "../../async/abort.ts";
import { join } from "@std/path";
import type { Duplex } from "node:stream";
import { ConnectError } from "../../errors.ts";
import type { KnownHosts } from "../known_hosts/known_hosts.ts";
import {
  KnownHostsFiles,
  knownHostsFiles,
} from "../known_hosts/known_hosts_file.ts";
import {
  type AttemptLimits,
  Attempts,
  type ConnectAttempt,
} from "./connection/connect_attempts.ts";
import { Bastions, nearestOf, routeOf } from "./connection/bastions.ts";
import { SshConnection } from "./connection/ssh_connection.ts";
import { dialTcp } from "./connection/dial.ts";
import { handshake } from "./connection/handshake.ts";
import { HostKeys } from "./host_key/host_keys.ts";
import { IdentitySource } from "./keys/offered_identities.ts";
import { type AskPassphrase, KeyFiles } from "./keys/key_files.ts";
import {
  KeysLeft,
  Login,
  type LoginCredentials,
  Shown,
} from "./login/login.ts";
import { type AskPassword, Passwords } from "./login/passwords.ts";
import { createLoginMemory, type LoginMemory } from "../login_memory.ts";
import type { AnswerPrompt } from "./login/prompts.ts";
import { ProxyStream, runProxyCommand } from "./connection/proxy_command.ts";
import { coalesceWrites } from "./connection/coalesce_writes.ts";
import { ConnectionPool } from "./connection/connection_pool.ts";
import {
  type Connection,
  type Endpoint,
  type HostKeyPolicy,
  type OpenOptions,
  SSH_DEFAULTS,
  type Transport,
} from "../transport.ts";

export {
  type KnownHosts,
  parseKnownHosts,
} from "../known_hosts/known_hosts.ts";
export { readKnownHosts } from "../known_hosts/known_hosts_file.ts";
export type { AnswerPrompt, AskPassphrase, AskPassword };

/** The settings that all SSH connections of a run share. */
export interface SshOptions extends AttemptLimits {
  /**
   * The known host keys; see `readKnownHosts()`. Default: those in the files that
   * OpenSSH reads.
   */
  knownHosts?: KnownHosts;
  /** Reads the known_hosts files of hosts; may be shared, to read them once. */
  knownHostsReader?: KnownHostsFiles | undefined;
  /** What to do when a host key is unknown. Default: `"check"`. */
  hostKeys?: HostKeyPolicy;
  /**
   * Called once for each host that ftl connects to only because of `off`: its key
   * is not the known one. It gets no password.
   */
  onDistrust?: ((host: string, why: string) => void) | undefined;
  /** Called with each host whose key `accept-new` added, and the key. */
  onAdded?: ((host: string, key: string) => void) | undefined;
  /** Where `accept-new` writes a new key. Default: `~/.ssh/known_hosts`. */
  knownHostsFile?: string;
  /**
   * The interval between keepalive requests to a silent host, in milliseconds;
   * after three without an answer the connection is lost. Default: 15 000.
   */
  keepaliveMs?: number;
  /** The agent's socket; `""` for none. Default: `SSH_AUTH_SOCK`. */
  agentSocket?: string;
  /** Asks for the passphrase of a key file. Default: such keys cannot be used. */
  passphrase?: AskPassphrase | undefined;
  /** Gets passwords. Default: no passwords. */
  password?: AskPassword;
  /** Answers questions of hosts other than for the password. Default: none. */
  answer?: AnswerPrompt | undefined;
  /**
   * True when `answer` also serves hosts that accepted neither a key nor a
   * password. Default: true.
   */
  answersAlone?: boolean;
  /** How hosts let the user in before. Default: one for this transport. */
  loginMemory?: LoginMemory | undefined;
  /** The folder that holds `.ssh`. Default: `HOME`. */
  home?: string;
}

/** Makes the transport for hosts that are reached by SSH. */
export function createSshTransport(options: SshOptions): Transport {
  return new SshTransport(options);
}

interface OwnAttempt extends ConnectAttempt {
  readonly shown: Shown;
  /** The connection to go through. */
  readonly bastion: SshConnection | undefined;
}

class SshTransport implements Transport {
  readonly #options: SshOptions;
  readonly #hostKeys: HostKeys;
  readonly #attempts: Attempts;
  readonly #credentials: LoginCredentials;
  readonly #bastions = new Bastions((endpoint) =>
    this.#open(endpoint, { isBastion: true })
  );
  readonly #connections = new Set<Connection>();
  readonly #closing = new AbortController();

  constructor(options: SshOptions) {
    const home = options.home ?? Deno.env.get("HOME") ?? "/";
    const socket = options.agentSocket ?? Deno.env.get("SSH_AUTH_SOCK") ?? "";
    this.#options = options;
    this.#hostKeys = new HostKeys({
      knownHosts: options.knownHosts,
      files: knownHostsFiles(home),
      reader: options.knownHostsReader ?? new KnownHostsFiles(),
      policy: options.hostKeys ?? "check",
      file: options.knownHostsFile ?? join(home, ".ssh", "known_hosts"),
      onDistrust: options.onDistrust,
      onAdded: options.onAdded,
    });
    this.#attempts = new Attempts(options);
    this.#credentials = {
      keys: new IdentitySource({
        agentSocket: socket,
        files: new KeyFiles(options.passphrase),
        home,
      }),
      passwords: options.password && new Passwords(options.password),
      answer: options.answer,
      answersAlone: options.answersAlone ?? true,
      memory: options.loginMemory ?? createLoginMemory(),
    };
  }

  async open(endpoint: Endpoint, options: OpenOptions): Promise<Connection> {
    const first = await this.#open(endpoint, options);
    return new ConnectionPool(
      first,
      async (signal) => {
        const spare = await this.#open(endpoint, { signal });
        if (spare.distrust === first.distrust) return spare;
        spare.close();
        throw new ConnectError(
          `Cannot trust ${endpoint.name}: it showed another key than on its first connection`,
          { phase: "hostkey", host: endpoint.name },
        );
      },
      { host: endpoint.name, startMs: this.#attempts.startMs(endpoint) },
    );
  }

  close(): void {
    this.#closing.abort(new Error("The transport was closed"));
    for (const connection of this.#connections) connection.close();
    this.#credentials.keys.close();
  }

  async #open(
    endpoint: Endpoint,
    { signal = NEVER, onPhase, isBastion = false }:
      & Partial<OpenOptions>
      & { isBastion?: boolean },
  ): Promise<SshConnection> {
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    // First: hosts that wait for a bastion must not use up the attempts.
    const bastion = await this.#bastions.before(endpoint, ended);
    const shown = new Shown();
    const connection = await this.#attempts.open(endpoint, {
      server: routeOf({ ...endpoint, user: "" }),
      loadKey: nearestOf(endpoint),
      isExpected:
        this.#credentials.memory.recall(endpoint)?.startsWith("key ") ??
          false,
      // Whether a bastion has a password is only known by asking the user.
      ...(!isBastion && { offers: () => this.#offersTo(endpoint) }),
      signal: ended,
      onPhase: (phase) => onPhase?.(phase),
      continuesAfter: (error) => error instanceof KeysLeft,
    }, (attempt) => this.#tryOnce(endpoint, { ...attempt, bastion, shown }))
      .finally(() => this.#credentials.keys.gaveUp(endpoint.user, shown));
    this.#keep(connection);
    return connection;
  }

  /** Not a part of `#open()`: what that needs would stay as long as the connection. */
  #keep(connection: Connection): void {
    this.#connections.add(connection);
    connection.closed.then(() => this.#connections.delete(connection));
    if (this.#closing.signal.aborted) connection.close(); // it came too late
  }

  /** What a host would be offered, and how its key would be judged. */
  async #offersTo(endpoint: Endpoint): Promise<string | undefined> {
    const { keys, passwords, answer, answersAlone } = this.#credentials;
    if (answer !== undefined && answersAlone) return undefined;
    const { hostKeyAlias, knownHostsFiles, hostKeys } = endpoint.ssh ?? {};
    return JSON.stringify([
      ...await keys.waysOf(endpoint),
      await passwords?.known(endpoint),
      ...[hostKeyAlias, knownHostsFiles, hostKeys],
    ]);
  }

  async #tryOnce(
    endpoint: Endpoint,
    { bastion, deadline, shown, onPhase, onGreeting, onStderr, ...turns }:
      OwnAttempt,
  ): Promise<SshConnection> {
    const { signal } = deadline;
    const hostKey = await this.#hostKeys.of(endpoint);
    const carrier = coalesceWrites(
      await dial(endpoint, { bastion, signal, onPhase, ...turns }),
    );
    let keyExchange: string | undefined;
    const client = await handshake(carrier, {
      endpoint,
      hostKey,
      login: new Login(endpoint, {
        credentials: this.#credentials,
        deadline,
        shown,
        distrust: () => hostKey.distrust,
      }),
      keepaliveMs: this.#options.keepaliveMs ?? SSH_DEFAULTS.keepaliveMs,
      signal,
      begin: turns.begin,
      onPhase,
      onGreeting,
      onNegotiated: ({ kex }) => keyExchange ??= kex,
    }).catch(async (error) => {
      if (carrier instanceof ProxyStream) onStderr(carrier.stderr);
      await hostKey.saved().catch(() => {}); // the first error is the reason
      throw error;
    });
    const connection = new SshConnection(endpoint.name, client, {
      carrier,
      distrust: hostKey.distrust,
      keyExchange,
      recheck: async (reader) => {
        await bastion?.recheck(reader);
        const { key } = hostKey;
        if (key) (await this.#hostKeys.of(endpoint, reader)).judge(key);
      },
    });
    try {
      await hostKey.saved();
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  }
}

/** Opens a byte stream to a host's SSH server. */
async function dial(
  { address, port, proxyCommand }: Endpoint,
  { bastion, signal, onPhase, lookUp, startProxy }:
    & Pick<ConnectAttempt, "onPhase" | "lookUp" | "startProxy">
    & { bastion: SshConnection | undefined; signal: AbortSignal },
): Promise<Duplex> {
  if (bastion !== undefined) {
    onPhase("connect");
    return await bastion.forward(address, { port, signal });
  }
  if (proxyCommand !== undefined) {
    await startProxy();
    onPhase("connect");
    return await runProxyCommand(proxyCommand);
  }
  return await dialTcp(address, { port, signal, onPhase, lookUp });
}
