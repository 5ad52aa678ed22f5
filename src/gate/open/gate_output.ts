// Reads the outputs of a gate's process: stdout on request, chunk by chunk, and the
// end of stderr for errors. stderr is read all the time, so that the process never
// blocks on it. Once a gate is open its stdout goes straight to the channel.
import { attach } from "../../transport/attach.ts";
import type {
  Exit,
  OutputName,
  OutputTaker,
  Stream,
  StreamInput,
} from "../../transport/transport.ts";
import { within } from "../../async/deadline.ts";

/** How much of stderr is kept, in bytes. */
const STDERR_TAIL = 4096;
/** How long a process may take to end after its outputs have ended. */
const EXIT_MS = 1_000;
const NO_STATUS: Exit = { code: null, signal: null, lost: false };
const NOTHING = new Uint8Array();

/** Where the stdout of an open gate goes. */
export interface OutputTarget {
  /** Takes bytes; a promise holds back the rest until it resolves. */
  receive(chunk: Uint8Array): Promise<void> | undefined;
  /** Called once, when stdout has ended. */
  ended(): void;
}

/** Reads the outputs of one process. */
export class GateOutput implements OutputTaker {
  /** The input of the process. */
  readonly input: StreamInput;
  readonly #stream: Stream;
  /** What has arrived and was not read: stdout is held back until it is. */
  #arrived: Uint8Array | undefined;
  #release: (() => void) | undefined;
  /** Waits for the next bytes, or the end. */
  #reader: ((chunk: Uint8Array | undefined) => void) | undefined;
  #target: OutputTarget | undefined;
  #isStdoutOver = false;
  #isStderrOver = false;
  #onStderrEnd: (() => void) | undefined;
  #tail: Uint8Array = NOTHING;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.input = attach(stream, this);
  }

  take(output: OutputName, chunk: Uint8Array): Promise<void> | undefined {
    if (output === "stderr") return this.#keepTail(chunk);
    if (this.#target !== undefined) return this.#target.receive(chunk);
    if (this.#reader !== undefined) {
      this.#answer(chunk);
      return undefined;
    }
    this.#arrived = chunk;
    return new Promise((resolve) => this.#release = resolve);
  }

  ended(output: OutputName): void {
    if (output === "stderr") {
      this.#isStderrOver = true;
      this.#onStderrEnd?.();
      return;
    }
    this.#isStdoutOver = true;
    if (this.#target !== undefined) this.#target.ended();
    else this.#answer(undefined);
  }

  /** The next bytes of stdout; undefined at its end. Never rejects. */
  read(): Promise<Uint8Array | undefined> {
    const chunk = this.#takeArrived();
    this.#goOn();
    if (chunk !== undefined || this.#isStdoutOver) {
      return Promise.resolve(chunk);
    }
    return new Promise((resolve) => this.#reader = resolve);
  }

  /** Gives all further bytes of stdout to `target`, and tells it the end. */
  passTo(target: OutputTarget): void {
    this.#target = target;
    const chunk = this.#takeArrived();
    const wait = chunk && target.receive(chunk);
    if (wait === undefined) this.#goOn();
    else void wait.then(() => this.#goOn());
    if (this.#isStdoutOver) target.ended();
  }

  /** How the process ended, and the end of stderr. Call it after stdout has ended. */
  async end(): Promise<{ exit: Exit; stderr: string }> {
    const exit = await within(this.#stream.exit, {
      ms: EXIT_MS,
      instead: NO_STATUS,
    });
    if (!this.#isStderrOver) {
      const ended = new Promise<void>((end) => this.#onStderrEnd = end);
      await within(ended, { ms: EXIT_MS, instead: undefined });
    }
    return { exit, stderr: new TextDecoder().decode(this.#tail) };
  }

  #takeArrived(): Uint8Array | undefined {
    const chunk = this.#arrived;
    this.#arrived = undefined;
    return chunk;
  }

  /** Lets more of stdout come. */
  #goOn(): void {
    this.#release?.();
    this.#release = undefined;
  }

  #answer(chunk: Uint8Array | undefined): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.(chunk);
  }

  #keepTail(chunk: Uint8Array): undefined {
    const both = new Uint8Array(this.#tail.length + chunk.length);
    both.set(this.#tail);
    both.set(chunk, this.#tail.length);
    this.#tail = both.slice(-STDERR_TAIL);
  }
}
