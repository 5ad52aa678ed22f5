// The outputs of a gate's process: stdout chunk by chunk to whoever asks, and
// the end of stderr for messages. Both are read to their end or given up
// together, so that the process never blocks on one that nobody reads.
import type { Exit, Stream } from "../transport/transport.ts";
import { within } from "../async/deadline.ts";

/** How much of stderr is kept, in bytes. */
const STDERR_TAIL = 4096;
/** How long a process may take to end after its outputs have. */
const EXIT_MS = 1_000;
const NO_STATUS: Exit = { code: null, signal: null, lost: false };

/** Reads the outputs of one process. */
export class GateOutput {
  readonly #stream: Stream;
  readonly #stdout: ReadableStreamDefaultReader<Uint8Array>;
  readonly #stderrEnd: Promise<void>;
  #tail = new Uint8Array();

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#stdout = stream.stdout.getReader();
    this.#stderrEnd = this.#keepTail();
  }

  /** The next bytes of stdout; undefined at its end. Never rejects. */
  async read(): Promise<Uint8Array | undefined> {
    try {
      return (await this.#stdout.read()).value;
    } catch {
      // A stream that breaks is one that ends; `end` says how.
      return undefined;
    }
  }

  /** How the process ended and the last it said, once stdout has ended. */
  async end(): Promise<{ exit: Exit; stderr: string }> {
    const exit = await within(this.#stream.exit, {
      ms: EXIT_MS,
      instead: NO_STATUS,
    });
    await within(this.#stderrEnd, { ms: EXIT_MS, instead: undefined });
    return { exit, stderr: new TextDecoder().decode(this.#tail) };
  }

  async #keepTail(): Promise<void> {
    try {
      for await (const chunk of this.#stream.stderr) {
        const both = new Uint8Array(this.#tail.length + chunk.length);
        both.set(this.#tail);
        both.set(chunk, this.#tail.length);
        this.#tail = both.slice(-STDERR_TAIL);
      }
    } catch {
      // It broke with the connection; what came before is kept.
    }
  }
}
