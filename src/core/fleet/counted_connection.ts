// A connection that counts the commands that it has started, so that a use of it
// knows whether anything began.
import type { KnownHostsFiles } from "../../transport/known_hosts/known_hosts_file.ts";
import type {
  Connection,
  ExecOptions,
  Stream,
} from "../../transport/transport.ts";

/** A connection with the number of commands that it has started. */
export class CountedConnection implements Connection {
  readonly #connection: Connection;
  #starts = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** How many commands it has started. */
  get starts(): number {
    return this.#starts;
  }

  get startMs(): number | undefined {
    return this.#connection.startMs;
  }

  get distrust(): string | undefined {
    return this.#connection.distrust;
  }

  get keyExchange(): string | undefined {
    return this.#connection.keyExchange;
  }

  async recheck(reader: KnownHostsFiles): Promise<void> {
    await this.#connection.recheck?.(reader);
  }

  get awaitAnswer(): Connection["awaitAnswer"] {
    const connection = this.#connection;
    return connection.awaitAnswer &&
      ((signal) => connection.awaitAnswer!(signal));
  }

  get closed(): Promise<Error | undefined> {
    return this.#connection.closed;
  }

  async exec(command: string, options: ExecOptions): Promise<Stream> {
    const stream = await this.#connection.exec(command, options);
    this.#starts++;
    return stream;
  }

  close(): void {
    this.#connection.close();
  }
}
