// How bytes reach a host. A transport is one file that implements this
// interface and passes tests/contract/transport_test.ts; nothing above knows
// which one it talks to.
import type { Phase } from "../errors.ts";

/** Where a host is and how to get in: resolved, rendered, ready for a socket. */
export interface Endpoint {
  /** The host's name in the inventory; errors and events speak of it by this. */
  readonly name: string;
  readonly transport: "ssh" | "local";
  /** A name or an address. Default: `name`. */
  readonly address: string;
  /** Default: 22. */
  readonly port: number;
  /** Default: the user who runs ftl. */
  readonly user: string;
  /** Private key files, tried in order after the agent's keys. */
  readonly identityFiles: readonly string[];
}

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
   * @throws {ConnectError} phase `start`, when the host refuses.
   */
  exec(command: string, options: { signal: AbortSignal }): Promise<Stream>;
  /** Settles when the connection has ended: the error that ended it, if any. */
  readonly closed: Promise<Error | undefined>;
  /** Ends the connection and every stream on it. May be called twice. */
  close(): void;
}

/** One command on a host. Both outputs must be read or cancelled. */
export interface Stream {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** Settles when the command has ended or its connection is gone. Never rejects. */
  readonly exit: Promise<Exit>;
  /** Gives up the command: closes its channel. On a local host, kills it. */
  close(): void;
}

/** How a command ended. */
export interface Exit {
  readonly code: number | null;
  /** The signal's name, `"TERM"`, when one ended it. */
  readonly signal: string | null;
  /** The connection ended first: what became of the command is not known. */
  readonly lost: boolean;
}
