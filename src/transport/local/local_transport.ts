// Runs commands on this machine like sshd does: each in its own session, so that
// no process of a command outlives its `close()`.
import { startFolder } from "../../disk/start_folder.ts";
import { ConnectError, messageOf } from "../../errors.ts";
import { ProcessGroup } from "./process_group.ts";
import type {
  Connection,
  Endpoint,
  ExecOptions,
  Exit,
  OpenOptions,
  Stream,
  Transport,
} from "../transport.ts";

const ENDED = "Cannot write: the command has ended";

/** Options of a local transport. */
export interface LocalOptions {
  /**
   * The time between TERM and KILL after a command was closed, in milliseconds.
   * Default: 10 000.
   */
  graceMs?: number;
}

/** Makes a transport that runs commands on this machine, by `/bin/sh -c`. */
export function createLocalTransport(
  { graceMs = 10_000 }: LocalOptions = {},
): Transport {
  const open = new Set<Connection>();
  return {
    open: (endpoint: Endpoint, { signal }: OpenOptions) => {
      if (signal.aborted) return Promise.reject(signal.reason);
      const connection = new LocalConnection(endpoint.name, graceMs);
      open.add(connection);
      connection.closed.finally(() => open.delete(connection));
      return Promise.resolve(connection);
    },
    close: () => {
      for (const connection of open) connection.close();
    },
  };
}

class LocalConnection implements Connection {
  readonly #host: string;
  readonly #graceMs: number;
  readonly #closed = Promise.withResolvers<Error | undefined>();
  readonly #streams = new Set<LocalStream>();
  #open = true;

  constructor(host: string, graceMs: number) {
    this.#host = host;
    this.#graceMs = graceMs;
  }

  get closed(): Promise<Error | undefined> {
    return this.#closed.promise;
  }

  exec(
    command: string,
    { signal, terminal }: ExecOptions,
  ): Promise<Stream> {
    if (signal.aborted) return Promise.reject(signal.reason);
    try {
      if (!this.#open) throw new Error("the connection is closed");
      if (terminal) throw new Error("the local transport has no terminals");
      const stream = new LocalStream(spawn(command), this.#graceMs);
      this.#streams.add(stream);
      stream.gone.then(() => this.#forget(stream));
      return Promise.resolve(stream);
    } catch (cause) {
      const reason = messageOf(cause);
      return Promise.reject(
        new ConnectError(`Cannot start a command on ${this.#host}: ${reason}`, {
          phase: "start",
          host: this.#host,
          cause,
        }),
      );
    }
  }

  close(): void {
    this.#open = false;
    for (const stream of this.#streams) stream.close();
    if (this.#streams.size === 0) this.#closed.resolve(undefined);
  }

  #forget(stream: LocalStream): void {
    this.#streams.delete(stream);
    if (!this.#open && this.#streams.size === 0) {
      this.#closed.resolve(undefined);
    }
  }
}

function spawn(command: string): Deno.ChildProcess {
  return new Deno.Command("/bin/sh", {
    ...startFolder(),
    args: ["-c", command],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
}

class LocalStream implements Stream {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exit: Promise<Exit>;
  /** Settles when the command has ended and `close()` has finished its work. */
  readonly gone: Promise<void>;
  readonly #group: ProcessGroup;
  readonly #endOutputs: () => void;
  readonly #endInput: () => void;
  #running = true;

  constructor(child: Deno.ChildProcess, graceMs: number) {
    const input = relayInput(child.stdin);
    const stdout = relayOutput(child.stdout);
    const stderr = relayOutput(child.stderr);
    this.stdin = input.stream;
    this.stdout = stdout.stream;
    this.stderr = stderr.stream;
    this.#group = new ProcessGroup(child.pid, graceMs);
    this.#endInput = input.end;
    this.#endOutputs = () => {
      stdout.end();
      stderr.end();
    };
    this.exit = child.status.then((status) => {
      this.#running = false;
      input.end();
      return toExit(status);
    });
    this.gone = this.exit.then(() => this.#group.leaderEnded());
  }

  close(): void {
    // In this order: at the end of its input, a command could exit with success.
    if (this.#running) this.#group.end();
    this.#endInput();
    this.#endOutputs();
  }
}

function toExit({ code, signal }: Deno.CommandStatus): Exit {
  return signal === null
    ? { code, signal: null, lost: false }
    : { code: null, signal: signal.replace(/^SIG/, ""), lost: false };
}

/** A child's input that can be ended although its writer is locked. */
function relayInput(
  sink: WritableStream<Uint8Array>,
): { stream: WritableStream<Uint8Array>; end: () => void } {
  const writer = sink.getWriter();
  let controller: WritableStreamDefaultController;
  const stream = new WritableStream<Uint8Array>({
    start: (c) => {
      controller = c;
    },
    write: async (chunk) => {
      try {
        await writer.write(chunk);
      } catch (cause) { // a broken pipe
        throw new Error(ENDED, { cause });
      }
    },
    close: () => writer.close(),
    abort: (reason) => writer.abort(reason),
  });
  const end = () => {
    const ended = new Error(ENDED);
    controller.error(ended);
    // This fails when it is already closed or broken, which is fine.
    writer.abort(ended).catch(() => {});
  };
  return { stream, end };
}

/** A child's output that can be ended although its reader is locked. */
function relayOutput(
  source: ReadableStream<Uint8Array>,
): { stream: ReadableStream<Uint8Array>; end: () => void } {
  const reader = source.getReader();
  const stream = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
  const end = () => {
    // This fails when it has already failed, which is fine.
    reader.cancel().catch(() => {});
  };
  return { stream, end };
}
