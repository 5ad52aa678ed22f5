// Connections to a host that allows few sessions on one connection (MaxSessions of
// sshd): a command that the host refuses for that reason gets another connection.
// Before that, commands that nobody waits for give way. The wait for the start of a
// command has a deadline.
import { Deadline } from "../../../async/deadline.ts";
import type { KnownHostsFiles } from "../../known_hosts/known_hosts_file.ts";
import type { Connection, ExecOptions, Stream } from "../../transport.ts";
import { isFull, startOverdue } from "./ssh_errors.ts";

/** How many more connections one host may get. */
const MAX_SPARES = 8;
const NONE: readonly PooledConnection[] = [];

/** A connection that may be full. */
export interface PooledConnection extends Connection {
  /** True while a command runs on it. */
  readonly isBusy: boolean;
}

/** A command that nobody waits for, until the host has closed its channel. */
interface Extra {
  readonly connection: PooledConnection;
  readonly started: Promise<Pick<Stream, "freed"> | undefined>;
  readonly yields: () => boolean;
}

/** The host in errors, and how long a command may take to start. */
export interface PoolOptions {
  readonly host: string;
  readonly startMs: number;
}

/** As many connections to a host as its commands need; usually one. */
export class ConnectionPool implements Connection {
  readonly #first: PooledConnection;
  readonly #openSpare: (signal: AbortSignal) => Promise<PooledConnection>;
  readonly #options: PoolOptions;
  #spares: readonly PooledConnection[] = NONE;
  readonly #extras = new Set<Extra>();
  #isOpen = true;

  /** @param openSpare opens one more connection to the same host */
  constructor(
    first: PooledConnection,
    openSpare: (signal: AbortSignal) => Promise<PooledConnection>,
    options: PoolOptions,
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

  get keyExchange(): string | undefined {
    return this.#first.keyExchange;
  }

  async recheck(reader: KnownHostsFiles): Promise<void> {
    await this.#first.recheck?.(reader);
  }

  get startMs(): number {
    return this.#options.startMs;
  }

  get awaitAnswer(): Connection["awaitAnswer"] {
    const first = this.#first;
    if (first.awaitAnswer === undefined) return undefined;
    return (signal) =>
      this.#inTime(signal, (signal) => first.awaitAnswer!(signal));
  }

  async exec(command: string, options: ExecOptions): Promise<Stream> {
    let refusal: unknown;
    for (const connection of [this.#first, ...this.#spares]) {
      const isBusy = connection.isBusy || this.#extrasOn(connection).length > 0;
      try {
        return await this.#start(connection, command, options);
      } catch (error) {
        // An idle connection that refuses a command is not full: a real failure.
        if (!(isBusy && isFull(error))) throw error;
        refusal = error;
      }
      if (options.yields) continue;
      if (!await this.#makeRoom(connection, options.signal)) continue;
      try {
        return await this.#start(connection, command, options);
      } catch (error) {
        if (!isFull(error)) throw error;
      }
    }
    const isMost = this.#spares.length >= MAX_SPARES;
    if (isMost || options.yields || !this.#isOpen) throw refusal;
    const spare = await this.#openSpare(options.signal);
    const stream = this.#start(spare, command, options); // before another command can use it
    this.#spares = [...this.#spares, spare];
    spare.closed.then(() => {
      this.#spares = this.#spares.filter((other) => other !== spare);
    });
    if (!this.#isOpen) spare.close();
    return await stream;
  }

  #start(
    connection: PooledConnection,
    command: string,
    options: ExecOptions,
  ): Promise<Stream> {
    const stream = this.#inTime(
      options.signal,
      (signal) => connection.exec(command, { ...options, signal }),
    );
    const { yields } = options;
    if (yields === undefined) return stream;
    const started = stream.then(({ freed }) => ({ freed }), () => undefined);
    const extra = { connection, started, yields };
    this.#extras.add(extra);
    void started.then((start) => start?.freed)
      .then(() => this.#extras.delete(extra));
    return stream;
  }

  #extrasOn(connection: PooledConnection): readonly Extra[] {
    return [...this.#extras].filter((extra) => extra.connection === connection);
  }

  /** Ends the commands on a connection that nobody waits for; false without any. */
  async #makeRoom(
    connection: PooledConnection,
    signal: AbortSignal,
  ): Promise<boolean> {
    const ends = this.#extrasOn(connection).map(async (extra) => {
      const start = await extra.started;
      if (start?.freed === undefined || !extra.yields()) return false;
      await start.freed;
      return true;
    });
    return (await this.#inTime(signal, () => Promise.all(ends))).includes(true);
  }

  async #inTime<T>(
    outer: AbortSignal,
    start: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { host, startMs } = this.#options;
    const deadline = new Deadline(outer);
    deadline.set(startMs, () => startOverdue(host, startMs));
    try {
      return await deadline.race(start(deadline.signal));
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
