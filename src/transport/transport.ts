// How bytes reach a host. A transport is one file that implements this
// interface and passes tests/contract/transport_test.ts; nothing above knows
// which one it talks to.
import type { FtlError, Phase } from "../errors.ts";

/** The transports, by the names that users give. */
export const TRANSPORTS = ["ssh", "openssh", "local"] as const;

/** The name of a transport. */
export type TransportName = typeof TRANSPORTS[number];

/** What may be done about a host key that is not known. */
export const HOST_KEY_POLICIES = ["check", "accept-new", "off"] as const;

/** What is done about a host key that is not known. */
export type HostKeyPolicy = typeof HOST_KEY_POLICIES[number];

/** Where a host is and how to get in: resolved, rendered, ready for a socket. */
export interface Endpoint {
  /** The host's name in the inventory; errors and events speak of it by this. */
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
   * tries, and a key that was named is the one that was meant. When none is
   * named, the agent's keys come first and then those of `~/.ssh` that exist.
   */
  readonly identityFiles: readonly string[];
  /**
   * The hosts on the way, nearest first; the last one connects to this one.
   * One connection to each is shared by all hosts behind it.
   */
  readonly jumps?: readonly Omit<Endpoint, "jumps">[];
  /**
   * A command for `/bin/sh` whose input and output carry the connection, in
   * place of a socket.
   */
  readonly proxyCommand?: string;
  /** What ssh_config says of this host alone, in place of what holds for all. */
  readonly ssh?: SshHostSettings;
  /** What the system's `ssh` is given, which reads ssh_config by itself. */
  readonly openssh?: OpensshSettings;
}

/** What is said of a host elsewhere than in ssh_config. */
export interface OpensshSettings {
  /** The name that ssh_config is asked for. */
  readonly destination: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  readonly identityFiles?: readonly string[] | undefined;
  /** Lines of ssh_config for this host and none on the way. */
  readonly options?: readonly string[] | undefined;
  /** What holds for hosts on the way too. */
  readonly forAll?: Pick<SshHostSettings, "hostKeys" | "knownHostsFiles">;
  /** The file that is meant in place of all of ssh_config; `none` for none. */
  readonly config?: string | undefined;
  /** Why it is this transport, if nobody has asked for it. */
  readonly reason?: string | undefined;
}

/** Settings of one host, for a transport that speaks SSH. */
export interface SshHostSettings {
  /** The name that known_hosts is asked for, without a port. */
  readonly hostKeyAlias?: string | undefined;
  readonly knownHostsFiles?: readonly string[] | undefined;
  /** What to do about a key that they do not know. */
  readonly hostKeys?: HostKeyPolicy | undefined;
  /** Offer no other keys than those of `identityFiles`. */
  readonly identitiesOnly?: boolean | undefined;
  /** The agent's socket; `""` for none. */
  readonly agentSocket?: string | undefined;
  readonly connectTimeoutMs?: number | undefined;
  /** 0: the host is never asked for a sign of life. */
  readonly keepaliveMs?: number | undefined;
  readonly keepaliveCount?: number | undefined;
  /**
   * Algorithms as ssh_config(5) lists them: a list replaces ours, `+` appends to
   * it, `-` takes from it, `^` puts first.
   */
  readonly algorithms?: {
    readonly ciphers?: string | undefined;
    readonly kex?: string | undefined;
    readonly macs?: string | undefined;
    readonly hostKeys?: string | undefined;
  };
}

/** What holds over SSH where nobody says otherwise. */
export const SSH_DEFAULTS = {
  port: 22,
  connectTimeoutMs: 10_000,
  keepaliveMs: 15_000,
  keepaliveCount: 3,
};

/** How long a command may take until its shell is there, unless it is said. */
export const START_MS = 10_000;

/** What opening a connection may report and must obey. */
export interface OpenOptions {
  /** Ends the attempt; `open` then rejects with the signal's reason. */
  signal: AbortSignal;
  /** Told as each phase begins. */
  onPhase?: (phase: Phase) => void;
}

/** Makes connections of one kind and owns what they share. */
export interface Transport {
  /**
   * Opens a connection to a host.
   *
   * @throws {ConnectError} with the phase that failed.
   */
  open(endpoint: Endpoint, options: OpenOptions): Promise<Connection>;
  /** Releases what connections shared; open ones are closed. */
  close(): void;
}

/** A way into one host, on which any number of commands run side by side. */
export interface Connection {
  /**
   * Runs a command line in the user's login shell.
   *
   * @throws {ConnectError} phase `start`, when the host refuses, or does not
   *   answer within `startMs`.
   */
  exec(command: string, options: ExecOptions): Promise<Stream>;
  /**
   * How long a command may take until its shell is there, in milliseconds.
   * Default: {@linkcode START_MS}.
   */
  readonly startMs?: number;
  /**
   * Why the host must not be sent a password: its key is not the known one.
   * Undefined for a host that may.
   */
  readonly distrust?: string | undefined;
  /**
   * Settles when the connection has ended and nothing of it is left here: with
   * the error that ended it, if any. Never rejects.
   */
  readonly closed: Promise<Error | undefined>;
  /** Ends the connection and every stream on it. May be called twice. */
  close(): void;
}

/** How a command is run. */
export interface ExecOptions {
  /** Ends the attempt to start it; one that runs is ended by its `close()`. */
  readonly signal: AbortSignal;
  /** It gets a terminal, which is its input and its one output. */
  readonly terminal?: boolean;
}

/** One command on a host. Both outputs must be read or cancelled. */
export interface Stream {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** Settles when the command has ended or its connection is gone. Never rejects. */
  readonly exit: Promise<Exit>;
  /**
   * Gives up the command: its input ends, its outputs are dropped. A local one
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
   * The connection or the channel ended before the host said how the command
   * did: what became of it is not known.
   */
  readonly lost: boolean;
  /** What the host did that its connection was ended for. */
  readonly fault?: string;
  /** Why the command never ran, where that is known. */
  readonly refusal?: FtlError;
}
