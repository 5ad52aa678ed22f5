// Connections by the system's `ssh`, for what ssh2 cannot do: certificates,
// Kerberos, security keys, tokens, and other keywords of ssh_config. One process
// per host logs in once and carries all commands of that host.
import { within } from "../../async/deadline.ts";
import { ConnectError, messageOf, type Phase } from "../../errors.ts";
import { connectToMaster, type MuxConnection } from "./mux_connection.ts";
import { startFailure } from "./openssh_errors.ts";
import { Master, type MasterOptions } from "./master.ts";
import { findProgram } from "./find_program.ts";
import { SocketFolder } from "./socket_folder.ts";
import {
  type CommonSettings,
  sshArguments,
  sshConfigText,
} from "./ssh_arguments.ts";
import {
  type AttemptLimits,
  Attempts,
  type ConnectAttempt,
} from "../ssh/connection/connect_attempts.ts";
import { nearestOf } from "../ssh/connection/bastions.ts";
import { ConnectionPool } from "../ssh/connection/connection_pool.ts";
import {
  type Connection,
  type Endpoint,
  type OpenOptions,
  SSH_DEFAULTS,
  type Transport,
} from "../transport.ts";

/** What all connections of a run have in common. */
export interface OpensshOptions extends AttemptLimits {
  /** The program. Default: `ssh`, as found on PATH. */
  program?: string;
  /** What to do when a host key is unknown. Default: `"check"`. */
  hostKeys?: CommonSettings["hostKeys"];
  /** Called for each host that gets no password: its key is not the known one. */
  onDistrust?: ((host: string, why: string) => void) | undefined;
  /** See ServerAliveInterval in ssh_config(5). Default: 15 000. */
  keepaliveMs?: number;
  /** The agent's socket; `""` for none. Default: `SSH_AUTH_SOCK`. */
  agentSocket?: string;
  /** The folder that holds `.ssh`. Default: `HOME`. */
  home?: string;
}

/**
 * How many logins run at once. Current versions of `ssh` spend a tenth of a
 * second of CPU on the key exchange (sntrup761): more logins would only wait for
 * each other until the last of them times out.
 */
const STARTS_PER_CORE = 8;
/** How long the end of an `ssh` whose socket is gone may take to show. */
const END_MS = 500;

/** Makes the transport for hosts that are reached by the system's `ssh`. */
export function createOpensshTransport(
  options: OpensshOptions = {},
): Transport {
  return new OpensshTransport(options);
}

class OpensshTransport implements Transport {
  readonly #program: string;
  readonly #common: CommonSettings;
  readonly #attempts: Attempts;
  readonly #folder = new SocketFolder();
  readonly #connections = new Set<Connection>();
  readonly #onDistrust: OpensshOptions["onDistrust"];
  readonly #closing = new AbortController();

  constructor(options: OpensshOptions) {
    this.#program = options.program ?? "ssh";
    this.#onDistrust = options.onDistrust;
    this.#common = {
      hostKeys: options.hostKeys ?? "check",
      keepaliveMs: options.keepaliveMs ?? SSH_DEFAULTS.keepaliveMs,
      agentSocket: options.agentSocket,
      home: options.home ?? Deno.env.get("HOME") ?? "/",
    };
    const cores = navigator.hardwareConcurrency;
    this.#attempts = new Attempts({
      ...(cores < 50 / STARTS_PER_CORE && {
        handshakes: cores * STARTS_PER_CORE,
      }),
      ...options,
    });
  }

  async open(endpoint: Endpoint, options: OpenOptions): Promise<Connection> {
    const first = await this.#open(endpoint, options);
    return new ConnectionPool(
      first,
      (signal) => this.#open(endpoint, { signal }),
      { host: endpoint.name, startMs: this.#attempts.startMs(endpoint) },
    );
  }

  close(): void {
    this.#closing.abort(new Error("The transport was closed"));
    for (const connection of this.#connections) connection.close();
  }

  async #open(
    endpoint: Endpoint,
    { signal, onPhase }: OpenOptions,
  ): Promise<MuxConnection> {
    const program = findProgram(this.#program);
    if (program === undefined) throw noProgram(endpoint, this.#program);
    const release = this.#folder.use();
    // Each host has its own connection to its bastion.
    const server = nearestOf(endpoint);
    try {
      const connection = await this.#attempts.open(endpoint, {
        server,
        loadKey: server,
        offers: () => Promise.resolve(offersTo(endpoint)),
        signal: AbortSignal.any([signal, this.#closing.signal]),
        onPhase: (phase) => onPhase?.(phase),
      }, (attempt) => this.#tryOnce(endpoint, { ...attempt, program }));
      this.#connections.add(connection);
      connection.closed.then(() => {
        this.#connections.delete(connection);
        release();
      });
      if (this.#closing.signal.aborted) connection.close(); // it came too late
      return connection;
    } catch (error) {
      release();
      throw error;
    }
  }

  async #tryOnce(
    endpoint: Endpoint,
    { program, deadline: { signal }, onPhase, begin, onGreeting }:
      & ConnectAttempt
      & { program: string },
  ): Promise<MuxConnection> {
    signal.throwIfAborted();
    await begin(); // it starts a process, which connects
    let phase: Phase = "resolve";
    onPhase(phase);
    const master = this.#start(endpoint, {
      program,
      onGreeting,
      onPhase: (next) => {
        if (next !== phase) onPhase(phase = next);
      },
    });
    const end = () => master.end();
    signal.addEventListener("abort", end, { once: true });
    try {
      if (await master.listens) {
        const connection = await connectToMaster(master, endpoint.name)
          .catch(async (cause) => {
            throw await notShared(endpoint, cause, master);
          });
        if (!signal.aborted) {
          if (connection.distrust !== undefined) {
            this.#onDistrust?.(endpoint.name, connection.distrust);
          }
          return connection;
        }
        connection.close(); // its `ssh` was ended in the meantime
      }
      const { printed, log } = master;
      throw startFailure({ endpoint, phase, printed, log });
    } catch (error) {
      master.end();
      await master.ended;
      throw error;
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  #start(
    endpoint: Endpoint,
    { program, ...handlers }:
      & { program: string }
      & Pick<
        MasterOptions,
        "onGreeting" | "onPhase"
      >,
  ): Master {
    const common = this.#common;
    try {
      const socketPath = this.#folder.newSocket();
      const configFile = this.#folder.write(sshConfigText(endpoint, common));
      const args = sshArguments(endpoint, { configFile, socketPath, common });
      return new Master({
        command: [program, ...args],
        socketPath,
        ...handlers,
      });
    } catch (cause) {
      // Not the host's fault: no folder for a socket, or too many processes.
      throw cause instanceof ConnectError ? cause : notStarted(endpoint, cause);
    }
  }
}

/** What `ssh` would offer a host, and how it would judge its key. */
function offersTo({ identityFiles, ssh, openssh }: Endpoint): string {
  const { destination: _, ...settings } = openssh ?? {};
  return JSON.stringify([identityFiles, ssh, settings]);
}

function notStarted({ name }: Endpoint, cause: unknown): ConnectError {
  return new ConnectError(
    `Cannot reach ${name}: ssh cannot be started here: ${messageOf(cause)}`,
    {
      phase: "connect",
      host: name,
      cause,
      hint:
        "Provide a folder for its socket in XDG_RUNTIME_DIR, TMPDIR or /tmp, and allow more processes",
    },
  );
}

/** `ssh` has logged in; connecting to its socket failed. */
async function notShared(
  { name }: Endpoint,
  cause: unknown,
  { ended, lastLine }: Master,
): Promise<ConnectError> {
  const hasEnded = ended.then(() => true);
  if (await within(hasEnded, { ms: END_MS, instead: false })) {
    const said = lastLine === "" ? "" : `: ${lastLine}`;
    return new ConnectError(
      `Cannot reach ${name}: the connection was lost after the login${said}`,
      { phase: "connect", host: name, cause },
    );
  }
  return new ConnectError(
    `Cannot use ssh for ${name}: it has logged in, but accepts no commands from ftl: ${
      messageOf(cause)
    }`,
    {
      phase: "start",
      host: name,
      cause,
      hint: "Install OpenSSH 7.4 or later (see ssh -V), or use `transport` ssh",
    },
  );
}

function noProgram({ name }: Endpoint, program: string): ConnectError {
  return new ConnectError(
    `Cannot reach ${name}: there is no program ${program} on PATH`,
    {
      phase: "connect",
      host: name,
      hint: "Install OpenSSH's client, or use `transport` ssh",
    },
  );
}
