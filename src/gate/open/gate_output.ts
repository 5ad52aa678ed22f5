// Reads the outputs of a gate's process: stdout on request, chunk by chunk, and the
// end of stderr for errors. stderr is read all the time, so that the process never
// blocks on it.
import type { Exit, Stream } from "../../transport/transport.ts";
import { within } from "../../async/deadline.ts";

/** How much of stderr is kept, in bytes. */
const STDERR_TAIL = 4096;
/** How long a process may take to end after its outputs have ended. */
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
      // A broken stream counts as ended; `end` returns how.
      return undefined;
    }
  }

  /** How the process ended, and the end of stderr. Call it after stdout has ended. */
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
      // The connection broke. What was read before is kept.
    }
  }
}
