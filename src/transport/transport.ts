// The interface of transports: how bytes reach a host. Every transport passes
// tests/contract/transport_test.ts, and callers do not know which one they use.
import type { FtlError, Phase } from "../errors.ts";
import type { KnownHostsFiles } from "./known_hosts/known_hosts_file.ts";

/** The name of a transport. */
export type TransportName = "ssh" | "openssh" | "local";

/** The names of the transports, as users write them. */
export const TRANSPORTS: readonly TransportName[] = namesOf<TransportName>({
  ssh: true,
  openssh: true,
  local: true,
});

/** A policy for an unknown host key. */
export type HostKeyPolicy = "check" | "accept-new" | "off";

/** The policies for an unknown host key. */
export const HOST_KEY_POLICIES: readonly HostKeyPolicy[] = namesOf<
  HostKeyPolicy
>({ check: true, "accept-new": true, off: true });

/** Where a host is and how to log in, with all names and templates resolved. */
export interface Endpoint {
  /** The host's name in the inventory, used in errors and events. */
  readonly name: string;
  readonly transport: TransportName;
  /** A name or an address. Default: `name`. */
  readonly address: string;
  /** Default: 22. */
  readonly port: number;
  /** Default: the user who runs ftl. */
  readonly user: string;
  /**
   * Private key files, tried in order, before the agent's keys: a host counts
   * attempts, and a named key is most likely the right one. Without named files,
   * the agent's keys come first, then the existing default files in `~/.ssh`.
   */
  readonly identityFiles: readonly string[];
  /**
   * The bastions, nearest first; the last one connects to this host. All hosts
   * that need a bastion share one connection to it.
   */
  readonly jumps?: readonly Omit<Endpoint, "jumps">[];
  /**
   * A command for `/bin/sh` whose input and output carry the connection, instead
   * of a socket.
   */
  readonly proxyCommand?: string;
  /** Settings of ssh_config for this host, which override those for all hosts. */
  readonly ssh?: SshHostSettings;
  /** Settings for the system's `ssh`, which reads ssh_config itself. */
  readonly openssh?: OpensshSettings;
}

/** Settings of a host for `ssh` that do not come from ssh_config. */
export interface OpensshSettings {
  /** The name to look up in ssh_config. */
  readonly destination: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  readonly identityFiles?: readonly string[] | undefined;
  /** Lines of ssh_config for this host but not its bastions. */
  readonly options?: readonly string[] | undefined;
  /** Settings for the bastions too. */
  readonly forAll?: Pick<SshHostSettings, "hostKeys" | "knownHostsFiles">;
  /** The file that replaces all ssh_config files; `none` for no file. */
  readonly config?: string | undefined;
  /** Why this transport was chosen, when the user did not ask for it. */
  readonly reason?: string | undefined;
}

/** Settings of one host for a transport that uses SSH. */
export interface SshHostSettings {
  /** The name to look up in known_hosts, without a port. */
  readonly hostKeyAlias?: string | undefined;
  readonly knownHostsFiles?: readonly string[] | undefined;
  /** The policy for a key that they do not have. */
  readonly hostKeys?: HostKeyPolicy | undefined;
  /** Offer only the keys of `identityFiles`. */
  readonly identitiesOnly?: boolean | undefined;
  /** The agent's socket; `""` for none. */
  readonly agentSocket?: string | undefined;
  readonly connectTimeoutMs?: number | undefined;
  /** The interval between keepalive requests; 0 for none. */
  readonly keepaliveMs?: number | undefined;
  readonly keepaliveCount?: number | undefined;
  /**
   * Algorithms as in ssh_config(5): a list replaces the default, `+` appends to
   * it, `-` removes from it, `^` puts names first.
   */
  readonly algorithms?: {
    readonly ciphers?: string | undefined;
    readonly kex?: string | undefined;
    readonly macs?: string | undefined;
    readonly hostKeys?: string | undefined;
  };
}

/** The defaults of SSH connections. */
export const SSH_DEFAULTS = {
  port: 22,
  connectTimeoutMs: 10_000,
  keepaliveMs: 15_000,
  keepaliveCount: 3,
};

/** The default for how long a command may take to start. */
export const START_MS = 10_000;

/** Options for opening a connection. */
export interface OpenOptions {
  /** Ends the attempt; `open` then rejects with the signal's reason. */
  signal: AbortSignal;
  /** Called when a phase starts; with undefined while the host waits for a turn. */
  onPhase?: (phase: Phase | undefined) => void;
}

/** Makes connections of one kind and owns their shared resources. */
export interface Transport {
  /**
   * Opens a connection to a host.
   *
   * @throws {ConnectError} with the phase that failed.
   */
  open(endpoint: Endpoint, options: OpenOptions): Promise<Connection>;
  /** Closes all connections and releases the shared resources. */
  close(): void;
}

/** A login on one host, on which any number of commands run at once. */
export interface Connection {
  /**
   * Runs a command line in the user's login shell.
   *
   * @throws {ConnectError} phase `start`, when the host refuses, or does not
   *   answer within `startMs`.
   */
  exec(command: string, options: ExecOptions): Promise<Stream>;
  /**
   * How long a command may take to start, in milliseconds. Default:
   * {@linkcode START_MS}.
   */
  readonly startMs?: number | undefined;
  /**
   * Why the host must not be sent a password: its key is not the known one.
   * Undefined for a trusted host.
   */
  readonly distrust?: string | undefined;
  /** The key exchange that both sides agreed on: `curve25519-sha256`. */
  readonly keyExchange?: string | undefined;
  /**
   * Compares the keys of the host and its bastions with known_hosts again, as these
   * files are now. Absent where the transport does not check keys itself.
   *
   * @throws {ConnectError} phase `hostkey`, when one is no longer trusted.
   */
  recheck?(reader: KnownHostsFiles): Promise<void>;
  /**
   * Asks the host for an answer, and waits for it. Absent where the transport cannot
   * ask.
   *
   * @throws {ConnectError} phase `start`, when the connection has ended, or the host
   *   does not answer within `startMs`.
   */
  readonly awaitAnswer?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /**
   * Settles when the connection has ended and all its resources are released,
   * with the error that ended it, if any. Never rejects.
   */
  readonly closed: Promise<Error | undefined>;
  /** Ends the connection and every stream on it. May be called twice. */
  close(): void;
}

/** How a command is run. */
export interface ExecOptions {
  /** Aborts the start; `close()` ends a command that runs. */
  readonly signal: AbortSignal;
  /** The command gets a terminal as its input and only output. */
  readonly terminal?: boolean;
  /**
   * Set for a command that nobody waits for: it is refused where it would cost a login.
   * Called when another command needs its place: gives it up, unless a client waits
   * for it by now; returns whether it did.
   */
  readonly yields?: (() => boolean) | undefined;
}

/** An output of a command. */
export type OutputName = "stdout" | "stderr";

/** What takes the outputs of a command as they come. */
export interface OutputTaker {
  /**
   * Takes bytes. A promise, which never rejects, holds back the rest of this output
   * until it resolves.
   */
  take(output: OutputName, chunk: Uint8Array): Promise<void> | undefined;
  /** Nothing more comes from an output. */
  ended(output: OutputName): void;
}

/** The input of a command whose outputs are taken as they come. */
export interface StreamInput {
  /**
   * Writes bytes. A promise resolves when there is room for more.
   *
   * @throws {Error} when the command has ended; the promise may reject for it too.
   */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Ends the input after everything that was written. */
  end(): void;
}

/**
 * One command on a host. Both outputs must be read or cancelled, or the stream
 * attached.
 */
export interface Stream {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /**
   * Gives the outputs to `taker`, instead of the three streams above, which are 7 KiB
   * for each command that stays. Absent where a transport has only those; see
   * `attach()` in attach.ts.
   */
  attach?(taker: OutputTaker): StreamInput;
  /**
   * Resolves when the host has closed the channel, so that another command may take its
   * place. Must be read before the end. Absent where that cannot be known.
   */
  readonly freed?: Promise<void> | undefined;
  /** Settles when the command or its connection has ended. Never rejects. */
  readonly exit: Promise<Exit>;
  /**
   * Gives up the command: its input ends, its outputs are dropped. A local command
   * is killed; over ssh the host closes its pipes. May be called twice.
   */
  close(): void;
}

/** How a command ended. */
export interface Exit {
  readonly code: number | null;
  /** The signal's name, `"TERM"`, when one ended it. */
  readonly signal: string | null;
  /**
   * True when the connection or the channel ended before the host reported the
   * exit: whether the command succeeded is unknown.
   */
  readonly lost: boolean;
  /** The rule that the host broke, for which its connection was ended. */
  readonly fault?: string;
  /** Why the command never ran, if known. */
  readonly refusal?: FtlError;
}

/** All names of a type: the compiler reports one that is not listed. */
function namesOf<Name extends string>(names: Record<Name, true>): Name[] {
  return Object.keys(names) as Name[];
}
