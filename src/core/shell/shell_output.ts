// One output of a shell command: the text after the sentinel, up to a limit. The
// rest is read, counted and dropped, so that the command does not block.
import { GateError } from "../../errors.ts";
import { Deadline, within } from "../../async/deadline.ts";
import { OpeningLines } from "../../gate/open/opening_lines.ts";
import { explainNoShell } from "../../gate/open/open_errors.ts";
import { START_MS, type Stream } from "../../transport/transport.ts";
import { ByteDecoder } from "./byte_decoder.ts";
import { cutMark } from "../result/host_result.ts";

/** The part of an error output that is kept for an error message. */
export const MAX_ERROR_TEXT = 64 * 1024;

/** How long after the deadline a host ends ftl's shell on its own. */
export const WATCH_S = 2;

/** How long the error output of a shell that has ended may take to end. */
const LAST_OUTPUT_MS = 200;

/** How an output is read. */
export interface ShellOutputOptions {
  nonce: string;
  /** How many bytes are kept. */
  limit: number;
  /** Takes room for bytes of these; returns how many may be kept. Default: all. */
  grant?: ((bytes: number) => number) | undefined;
  /** Called with all of the text, in parts, whether it is kept or not. */
  onText?: (text: string) => void;
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
  readonly #decoder = new ByteDecoder();
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

  /** The output before the sentinel; all of it when no sentinel came. */
  get noise(): string {
    return this.#lines.noise;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The text, with a mark at the end when some was left out. */
  get text(): string {
    const text = this.#parts.join("");
    return this.#cut === 0 ? text : text + cutMark(this.#cut);
  }

  /** How long ago the last data came, in ms. */
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
      // A broken output counts as ended; the exit reports why. Data that still
      // comes is dropped: unread, it would fill the memory.
      this.#reader.cancel().catch(() => {});
    }
    this.#add(this.#decoder.end(), { isKept: this.#cut === 0 });
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
    const { limit, grant = (bytes) => bytes } = this.#options;
    const room = this.#cut > 0 ? 0 : Math.min(bytes.length, limit - this.#kept);
    const kept = bytes.subarray(0, room === 0 ? 0 : grant(room));
    this.#kept += kept.length;
    this.#cut += bytes.length - kept.length;
    if (kept.length > 0) this.#add(this.#decoder.push(kept), { isKept: true });
    if (kept.length === bytes.length || !this.#options.onText) return;
    const rest = bytes.subarray(kept.length);
    this.#add(this.#decoder.push(rest), { isKept: false });
  }

  #add(text: string, { isKept }: { isKept: boolean }): void {
    if (text === "") return;
    if (isKept) this.#parts.push(text);
    this.#options.onText?.(text);
  }
}

/** An output that is a file: the bytes after the sentinel. */
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

  /** The output before the sentinel; all of it when no sentinel came. */
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

  /** Drops the rest of the output after too much text before the sentinel. */
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
    /** That of the connection. */
    startMs?: number | undefined;
    /** Whether the script was already sent to the shell. */
    mayRun?: boolean;
  },
): Promise<void> {
  const deadline = new Deadline(signal);
  deadline.set(ms, () =>
    new GateError(
      `Cannot run a command: the host's shell has printed nothing for ${
        ms / 1000
      } s${mayRun ? "; the command was sent and may still take effect" : ""}`,
      {
        phase: "python",
        hint: "Log in by hand to see what the account's login files wait for",
      },
    ));
  try {
    await deadline.race(stdout.begun);
    if (stdout.hasBegun) return;
    const exit = await deadline.race(stream.exit);
    await within(stderr.ended, { ms: LAST_OUTPUT_MS, instead: undefined });
    const { noise } = stdout;
    throw explainNoShell({ exit, noise, stderr: stderr.noise });
  } finally {
    deadline.clear();
  }
}
