// A command that runs on a host through a session, as a Stream.
import { ConnectError } from "../../errors.ts";
import type { Exit, Stream } from "../../transport/transport.ts";
import { ByteReceiver, ByteSender } from "./byte_flow.ts";
import { errorOf, type PlainError } from "./plain_error.ts";
import type { SocketMessage } from "./message_socket.ts";
import type { SessionClient } from "./session_client.ts";

const LOST: Exit = { code: null, signal: null, lost: true };

/** A command's exit as data. */
export type ExitData = Omit<Exit, "refusal"> & { refusal?: PlainError };

/** Which command or shell runs, and where. */
export interface CommandStart {
  readonly type: "Exec" | "Shell";
  readonly data: object;
  readonly host: string;
  readonly signal: AbortSignal;
  /** The start of its input. Default: nothing. */
  readonly input?: Uint8Array;
}

/**
 * Starts a command, or a shell, whose nonce the session says.
 *
 * @throws {ConnectError} when it does not start.
 */
export function startCommand(
  client: SessionClient,
  { type, data, host, signal, input }: CommandStart,
): Promise<{ stream: Stream; nonce: string }> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = () => {
      client.say("Close", {}, id);
      client.end(id);
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    const id = client.start(type, data, (message) => {
      signal.removeEventListener("abort", abort);
      if (message === undefined) return reject(sessionLost(client, host));
      if (message.type === "Started") {
        const { stream } = new SessionStream(client, id, input);
        return resolve({ stream, nonce: String(message.data.nonce) });
      }
      client.end(id);
      reject(errorOf(message.data.error as PlainError | undefined));
    });
  });
}

/** The error for what had not started when the session was lost. */
export function sessionLost(client: SessionClient, host: string): ConnectError {
  return new ConnectError(
    `Lost ${client.label} before anything started: ${client.why}`,
    { phase: "start", host, mayPass: true },
  );
}

/** The error for what ran when the session was lost. */
export function sessionLostInCall(
  { label, why }: SessionClient,
  host: string,
): ConnectError {
  return new ConnectError(
    `Lost ${label} during the call: ${why}`,
    { phase: "call", host },
  );
}

/** The client's half of a command that has started. */
class SessionStream {
  readonly stream: Stream;
  readonly #client: SessionClient;
  readonly #id: number;
  readonly #input: ByteSender;
  readonly #outputs: ReadonlyMap<unknown, ByteReceiver>;
  readonly #exit = Promise.withResolvers<Exit>();
  #isClosed = false;

  constructor(client: SessionClient, id: number, input?: Uint8Array) {
    this.#client = client;
    this.#id = id;
    this.#input = new ByteSender((piece) =>
      client.say("Data", { name: "stdin" }, id, piece)
    );
    // Before the streams, whose code Deno loads when the first one is made.
    if (input !== undefined) this.#input.write(input).catch(() => {});
    const receiver = (name: string) =>
      new ByteReceiver({
        onRead: (bytes) => client.say("Read", { name, bytes }, id),
        onCancel: () => client.say("Cancel", { name }, id),
      });
    const [stdout, stderr] = [receiver("stdout"), receiver("stderr")];
    this.#outputs = new Map(Object.entries({ stdout, stderr }));
    this.stream = {
      stdin: new WritableStream<Uint8Array>({
        write: (chunk) => this.#input.write(chunk),
        close: () => client.say("End", { name: "stdin" }, id),
        abort: () => client.say("End", { name: "stdin" }, id),
      }),
      stdout: stdout.stream,
      stderr: stderr.stream,
      exit: this.#exit.promise,
      close: () => this.#close(),
    };
    client.continue(id, (message) => this.#take(message));
  }

  #take(message: SocketMessage | undefined): void {
    if (message === undefined) return this.#over(LOST);
    const { type, data, bytes } = message;
    const output = this.#outputs.get(data.name);
    if (type === "Data") {
      output?.push(bytes!);
    } else if (type === "End") output?.end();
    else if (type === "Read") this.#input.grant(Number(data.bytes));
    else if (type === "Stop") this.#stopInput();
    else if (type === "Over") this.#over(LOST); // the exit came before
    else if (type === "Exit") {
      const { refusal, ...exit } = data.exit as ExitData;
      this.#exit.resolve(
        refusal === undefined ? exit : {
          ...exit,
          refusal: errorOf(refusal) as NonNullable<Exit["refusal"]>,
        },
      );
      this.#stopInput();
    }
  }

  #stopInput(): void {
    this.#input.stop(new Error("Cannot write: the command has ended"));
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#client.say("Close", {}, this.#id);
    this.#over(LOST);
  }

  /** Nothing more comes. */
  #over(exit: Exit): void {
    this.#isClosed = true;
    this.#client.end(this.#id);
    this.#exit.resolve(exit);
    this.#stopInput();
    for (const output of this.#outputs.values()) output.end();
  }
}
