// One output of a shell command: text from behind the sentinel on, up to a
// limit; what is beyond is read, counted and dropped, so that nothing blocks.
import { GateError } from "../../errors.ts";
import { Deadline, within } from "../../async/deadline.ts";
import { OpeningLines } from "../../gate/open/opening_lines.ts";
import { explainNoShell } from "../../gate/open/open_errors.ts";
import { START_MS, type Stream } from "../../transport/transport.ts";
import { cutMark } from "../result/host_result.ts";

/** How long the rest of what a shell says is waited for. */
const QUIET_MS = 200;

/** How an output is read. */
export interface ShellOutputOptions {
  nonce: string;
  /** How many bytes are kept. */
  limit: number;
  /** Told text as it comes, as far as it is kept. */
  onText: (text: string) => void;
}

/** Reads one output of a command. */
export class ShellOutput {
  /** Settles at the end of the output. Never rejects. */
  readonly ended: Promise<void>;
  /** Resolves when the sentinel has come; rejects when too much came before. */
  readonly begun: Promise<void>;
  readonly #begin = Promise.withResolvers<void>();
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #options: ShellOutputOptions;
  readonly #lines: OpeningLines;
  readonly #decoder = new TextDecoder();
  #hasBegun = false;
  #parts: string[] = [];
  #kept = 0;
  #cut = 0;
  #lastAt = performance.now();

  constructor(
    stream: ReadableStream<Uint8Array>,
    options: ShellOutputOptions,
  ) {
    this.#reader = stream.getReader();
    this.#options = options;
    this.#lines = new OpeningLines(options.nonce, "sh");
    this.begun = this.#begin.promise;
    this.begun.catch(() => {});
    this.ended = this.#read();
  }

  /** What came before the sentinel, or all of it where none came. */
  get noise(): string {
    return this.#lines.noise;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The text, with a mark where more was left out. */
  get text(): string {
    const text = this.#parts.join("");
    return this.#cut === 0 ? text : text + cutMark(this.#cut);
  }

  /** For how long nothing has come, in milliseconds. */
  get quietMs(): number {
    return performance.now() - this.#lastAt;
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        this.#lastAt = performance.now();
        this.#take(value);
      }
    } catch {
      // An output that breaks is one that ends; how is the exit's matter. What
      // still comes is read and dropped: kept unread, it would fill our memory.
      this.#reader.cancel().catch(() => {});
    }
    if (this.#cut === 0) this.#say(this.#decoder.decode());
    this.#begin.resolve();
  }

  #take(chunk: Uint8Array): void {
    if (this.#hasBegun) return this.#keep(chunk);
    try {
      if (this.#lines.push(chunk).length === 0) return;
    } catch (error) {
      this.#begin.reject(error);
      throw error;
    }
    this.#hasBegun = true;
    this.#begin.resolve();
    this.#keep(this.#lines.rest);
  }

  #keep(bytes: Uint8Array): void {
    const kept = bytes.subarray(0, this.#options.limit - this.#kept);
    this.#kept += kept.length;
    this.#cut += bytes.length - kept.length;
    if (kept.length === 0) return;
    this.#say(this.#decoder.decode(kept, { stream: this.#cut === 0 }));
  }

  #say(text: string): void {
    if (text === "") return;
    this.#parts.push(text);
    this.#options.onText(text);
  }
}

/** An output that is a file: bytes from behind the sentinel on. */
export class ByteOutput {
  /** Resolves when the sentinel has come; rejects when too much came before. */
  readonly begun: Promise<void>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #lines: OpeningLines;
  #hasBegun = false;
  #first: Uint8Array | undefined;

  constructor(stream: ReadableStream<Uint8Array>, nonce: string) {
    this.#reader = stream.getReader();
    this.#lines = new OpeningLines(nonce, "sh");
    this.begun = this.#begin();
    this.begun.catch(() => {});
  }

  /** What came before the sentinel, or all of it where none came. */
  get noise(): string {
    return this.#lines.noise;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The next bytes; undefined at the end. */
  async read(): Promise<Uint8Array | undefined> {
    const first = this.#first;
    this.#first = undefined;
    return first ?? (await this.#reader.read()).value;
  }

  async #begin(): Promise<void> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return;
      if (this.#push(value).length === 0) continue;
      this.#hasBegun = true;
      if (this.#lines.rest.length > 0) this.#first = this.#lines.rest;
      return;
    }
  }

  /** After too much of other text, the rest is dropped. */
  #push(chunk: Uint8Array) {
    try {
      return this.#lines.push(chunk);
    } catch (error) {
      this.#reader.cancel().catch(() => {});
      throw error;
    }
  }
}

/**
 * Waits until the login shell has run our command.
 *
 * @throws {GateError} when the account runs no commands.
 * @throws {ConnectError} when the connection is lost.
 */
export async function waitForShell(
  stream: Stream,
  { stdout, stderr, signal, startMs: ms = START_MS, mayRun = false }: {
    stdout: Pick<ShellOutput, "begun" | "hasBegun" | "noise">;
    stderr: ShellOutput;
    signal: AbortSignal;
    /** The connection's. */
    startMs?: number | undefined;
    /** What the shell is to do has been sent along. */
    mayRun?: boolean;
  },
): Promise<void> {
  const deadline = new Deadline(signal);
  deadline.set(ms, () =>
    new GateError(
      `Cannot run a command: the host's shell has said nothing for ${
        ms / 1000
      } s${mayRun ? "; what was sent along may still take effect" : ""}`,
      {
        phase: "python",
        hint: "Log in by hand to see what the account's login files wait for",
      },
    ));
  try {
    await deadline.race(stdout.begun);
    if (stdout.hasBegun) return;
    const exit = await deadline.race(stream.exit);
    await within(stderr.ended, { ms: QUIET_MS, instead: undefined });
    const { noise } = stdout;
    throw explainNoShell({ exit, noise, stderr: stderr.noise });
  } finally {
    deadline.clear();
  }
}
