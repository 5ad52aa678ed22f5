// A way into a host that allows few sessions on one connection (MaxSessions of
// sshd): a command that finds no room gets one more connection. A host that does
// not say whether it starts a command is not waited for without end.
import { Deadline } from "../../async/deadline.ts";
import type { Connection, ExecOptions, Stream } from "../transport.ts";
import { isFull, startOverdue } from "./ssh_errors.ts";

/** How many more connections one host is given. */
const MOST_SPARES = 8;

/** A connection that may have no room for one more command. */
export interface PooledConnection extends Connection {
  /** Whether a command runs on it. */
  readonly isBusy: boolean;
}

/** Whose commands they are, and how long one may take to start. */
export interface RoomyOptions {
  readonly host: string;
  readonly startMs: number;
}

/** As many connections to a host as its commands need; mostly one. */
export class ConnectionPool implements Connection {
  readonly #first: PooledConnection;
  readonly #openSpare: (signal: AbortSignal) => Promise<PooledConnection>;
  readonly #options: RoomyOptions;
  readonly #spares = new Set<PooledConnection>();
  #isOpen = true;

  /** @param openSpare opens one more connection to the same host */
  constructor(
    first: PooledConnection,
    openSpare: (signal: AbortSignal) => Promise<PooledConnection>,
    options: RoomyOptions,
  ) {
    this.#first = first;
    this.#openSpare = openSpare;
    this.#options = options;
    first.closed.then(() => this.close());
  }

  get closed(): Promise<Error | undefined> {
    return this.#first.closed;
  }

  get distrust(): string | undefined {
    return this.#first.distrust;
  }

  get startMs(): number {
    return this.#options.startMs;
  }

  async exec(command: string, options: ExecOptions): Promise<Stream> {
    let refusal: unknown;
    for (const connection of [this.#first, ...this.#spares]) {
      const { isBusy } = connection;
      try {
        return await this.#start(connection, command, options);
      } catch (error) {
        // One that refuses its only command would refuse it on any other.
        if (!(isBusy && isFull(error))) throw error;
        refusal = error;
      }
    }
    if (this.#spares.size >= MOST_SPARES || !this.#isOpen) throw refusal;
    const spare = await this.#openSpare(options.signal);
    const stream = this.#start(spare, command, options); // before others find it
    this.#spares.add(spare);
    spare.closed.then(() => this.#spares.delete(spare));
    if (!this.#isOpen) spare.close();
    return await stream;
  }

  async #start(
    connection: PooledConnection,
    command: string,
    options: ExecOptions,
  ): Promise<Stream> {
    const { host, startMs } = this.#options;
    const deadline = new Deadline(options.signal);
    deadline.set(startMs, () => startOverdue(host, startMs));
    const { signal } = deadline;
    try {
      return await deadline.race(
        connection.exec(command, { ...options, signal }),
      );
    } finally {
      deadline.clear();
    }
  }

  close(): void {
    this.#isOpen = false;
    this.#first.close();
    for (const spare of this.#spares) spare.close();
  }
}
