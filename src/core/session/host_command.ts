// The session's half of a command that a client runs on a host.
import type { Stream } from "../../transport/transport.ts";
import { OpeningLines } from "../../gate/open/opening_lines.ts";
import { ByteReceiver, ByteSender } from "./byte_flow.ts";
import type { SocketMessage } from "./message_socket.ts";
import { plainError } from "./plain_error.ts";

/** How a command starts, and how its client is told. */
export interface HostCommandOptions {
  /** Starts it; a shell has a nonce. */
  readonly start: (
    signal: AbortSignal,
  ) => Promise<{ readonly stream: Stream; readonly nonce?: string }>;
  readonly send: (type: string, data: object, bytes?: Uint8Array) => void;
  /** Called when a shell has printed its sentinel: the account runs what it is sent. */
  readonly onShell: () => void;
  /** Called when nothing more comes. */
  readonly onOver: () => void;
}

const CLIENT_GONE = new DOMException("The client is gone", "AbortError");

/** A command, from its start to its end. */
export class HostCommand {
  readonly #options: HostCommandOptions;
  readonly #stop = new AbortController();
  readonly #input: ByteReceiver;
  readonly #outputs: ReadonlyMap<unknown, ByteSender>;
  #stream: Stream | undefined;

  constructor(options: HostCommandOptions) {
    this.#options = options;
    const { send } = options;
    this.#input = new ByteReceiver({
      onRead: (bytes) => send("Read", { name: "stdin", bytes }),
      onCancel: () => send("Stop", {}),
    });
    const sender = (name: string) =>
      new ByteSender((piece) => send("Data", { name }, piece));
    this.#outputs = new Map(
      ["stdout", "stderr"].map((name) => [name, sender(name)]),
    );
    void this.#run();
  }

  /** Takes a message of the client. */
  take({ type, data, bytes }: Omit<SocketMessage, "id">): void {
    const output = this.#outputs.get(data.name);
    if (type === "Data") {
      this.#input.push(bytes!);
    } else if (type === "End") this.#input.end();
    else if (type === "Read") output?.grant(Number(data.bytes));
    else if (type === "Cancel") output?.stop(new Error("It is not read"));
    else if (type === "Close") this.close();
  }

  /**
   * Gives up the command.
   *
   * @param reason the error of one that has not started
   */
  close(reason: Error = CLIENT_GONE): void {
    this.#stop.abort(reason);
    this.#stream?.close();
    for (const output of this.#outputs.values()) {
      output.stop(new Error("It is not read"));
    }
    this.#options.onOver();
  }

  async #run(): Promise<void> {
    const { start, send, onOver } = this.#options;
    const { signal } = this.#stop;
    let stream: Stream;
    let nonce: string | undefined;
    try {
      const started = await start(signal);
      nonce = started.nonce;
      stream = this.#stream = started.stream;
      if (signal.aborted) return stream.close();
      send("Started", nonce === undefined ? {} : { nonce });
    } catch (error) {
      send("Error", { error: plainError(error) });
      return onOver();
    }
    this.#input.stream.pipeTo(stream.stdin).catch(() => send("Stop", {}));
    await Promise.all([
      stream.exit.then(({ refusal, ...exit }) =>
        send("Exit", {
          exit: refusal === undefined
            ? exit
            : { ...exit, refusal: plainError(refusal) },
        })
      ),
      this.#copy("stdout", stream.stdout, nonce),
      this.#copy("stderr", stream.stderr),
    ]);
    send("Over", {});
    onOver();
  }

  /** Sends an output, as fast as the client reads it. */
  async #copy(
    name: string,
    output: ReadableStream<Uint8Array>,
    nonce?: string,
  ): Promise<void> {
    const sender = this.#outputs.get(name)!;
    const isSentinel = nonce === undefined ? () => false : findSentinel(nonce);
    try {
      for await (const chunk of output) {
        if (isSentinel(chunk)) this.#options.onShell();
        await sender.write(chunk);
      }
    } catch {
      // The client wants no more, or the connection was lost: the exit says which.
    }
    this.#options.send("End", { name });
  }
}

/** Takes an output; returns true once, when the sentinel has come. */
function findSentinel(nonce: string): (chunk: Uint8Array) => boolean {
  let lines: OpeningLines | undefined = new OpeningLines(nonce, "sh");
  return (chunk) => {
    let isThere = false;
    try {
      isThere = lines !== undefined && lines.push(chunk).length > 0;
      if (isThere) lines = undefined;
    } catch {
      lines = undefined; // too much came before it, which the client reports
    }
    return isThere;
  };
}
