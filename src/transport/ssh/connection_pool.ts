// A way into a host that allows few sessions on one connection (MaxSessions of
// sshd): a command that finds no room gets one more connection.
import type { Connection, ExecOptions, Stream } from "../transport.ts";
import { isFull } from "./ssh_errors.ts";

/** How many more connections one host is given. */
const MOST_SPARES = 8;

/** A connection that may have no room for one more command. */
export interface PooledConnection extends Connection {
  /** Whether a command runs on it. */
  readonly isBusy: boolean;
}

/** As many connections to a host as its commands need; mostly one. */
export class ConnectionPool implements Connection {
  readonly #first: PooledConnection;
  readonly #openSpare: (signal: AbortSignal) => Promise<PooledConnection>;
  readonly #spares = new Set<PooledConnection>();
  #isOpen = true;

  /** @param openSpare opens one more connection to the same host */
  constructor(
    first: PooledConnection,
    openSpare: (signal: AbortSignal) => Promise<PooledConnection>,
  ) {
    this.#first = first;
    this.#openSpare = openSpare;
    first.closed.then(() => this.close());
  }

  get closed(): Promise<Error | undefined> {
    return this.#first.closed;
  }

  get distrust(): string | undefined {
    return this.#first.distrust;
  }

  async exec(command: string, options: ExecOptions): Promise<Stream> {
    let refusal: unknown;
    for (const connection of [this.#first, ...this.#spares]) {
      const { isBusy } = connection;
      try {
        return await connection.exec(command, options);
      } catch (error) {
        // One that refuses its only command would refuse it on any other.
        if (!(isBusy && isFull(error))) throw error;
        refusal = error;
      }
    }
    if (this.#spares.size >= MOST_SPARES || !this.#isOpen) throw refusal;
    const spare = await this.#openSpare(options.signal);
    const stream = spare.exec(command, options); // before others find it
    this.#spares.add(spare);
    spare.closed.then(() => this.#spares.delete(spare));
    if (!this.#isOpen) spare.close();
    return await stream;
  }

  close(): void {
    this.#isOpen = false;
    this.#first.close();
    for (const spare of this.#spares) spare.close();
  }
}
