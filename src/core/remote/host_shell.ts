// A plain sh on one host, on a Stream of its own. It runs each line that it is
// sent, and prints a mark and the exit status after the line's output. Content of
// any length may follow the last line. At the end of its input the shell ends, and
// removes its unfinished files.
import { CallError, ConnectError, type FtlError } from "../../errors.ts";
import { within } from "../../async/deadline.ts";
import { becauseOf, describeExit } from "../../gate/open/open_errors.ts";
import type { Stream } from "../../transport/transport.ts";
import { ByteBuffer } from "../../protocol/byte_buffer.ts";
import { KILL_AFTER_MS } from "../../protocol/limits.ts";
import {
  ByteOutput,
  MAX_ERROR_TEXT,
  ShellOutput,
  waitForShell,
  WATCH_S,
} from "../shell/shell_output.ts";
import { KNOW_GROUP, LEAD_GROUP } from "../shell/shell_script.ts";
import { type ShellConnection, startShell } from "../shell/start_shell.ts";
import { PRELUDE } from "./host_script.ts";

/** How long the error output of a shell that has ended may take to end. */
const LAST_OUTPUT_MS = 500;

/** The output of a line, and its exit status. */
export interface Answer {
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly status: number;
}

/** The most bytes that an answer may have, and the error when it has more. */
export interface AnswerLimit {
  readonly bytes: number;
  error(): FtlError;
}

const LIMIT: AnswerLimit = {
  bytes: 64 * 1024 * 1024,
  error: () =>
    new CallError("Cannot go on: the host's answer is longer than 64 MiB"),
};

/** A shell on a host. Must be disposed of. */
export class HostShell implements AsyncDisposable {
  /** Also a part of the names of its temporary files. */
  readonly nonce: string;
  readonly #stream: Stream;
  readonly #signal: AbortSignal;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stdout: ByteOutput;
  readonly #stderr: ShellOutput;
  #rest: Uint8Array = new Uint8Array();

  private constructor(stream: Stream, nonce: string, signal: AbortSignal) {
    this.nonce = nonce;
    this.#stream = stream;
    this.#signal = signal;
    // Aborting ends the stream, which ends every wait.
    signal.addEventListener("abort", this.#abort);
    if (signal.aborted) this.#abort();
    this.#stdin = stream.stdin.getWriter();
    // An error of stdin also ends the outputs, which are watched.
    this.#stdin.closed.catch(() => {});
    this.#stdout = new ByteOutput(stream.stdout, nonce);
    this.#stderr = new ShellOutput(stream.stderr, {
      nonce,
      limit: MAX_ERROR_TEXT,
      onText: () => {},
    });
  }

  /**
   * Starts a shell.
   *
   * @throws {GateError} when the account runs no commands.
   * @throws {ConnectError} when the connection is lost.
   */
  static async open(
    connection: ShellConnection,
    { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
  ): Promise<HostShell> {
    const { stream, nonce } = await startShell(connection, { signal });
    const shell = new HostShell(stream, nonce, signal);
    try {
      const seconds = Math.ceil(timeoutMs / 1000) + WATCH_S;
      shell.#writeLine(`${LEAD_GROUP}\n`);
      shell.#writeLine(
        `${KNOW_GROUP}${PRELUDE}n=.ftl-${nonce};${runLines(seconds)}\n`,
      );
      await waitForShell(stream, {
        stdout: shell.#stdout,
        stderr: shell.#stderr,
        signal,
        startMs: connection.startMs,
      });
      return shell;
    } catch (error) {
      await shell[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Runs a line. Its commands may read all of `input` from stdin: nothing else is
   * sent before the answer.
   */
  async ask(
    script: string,
    { input, limit }: { input?: Uint8Array; limit?: AnswerLimit } = {},
  ): Promise<Answer> {
    this.#writeLine(`${script}\n`);
    if (input !== undefined && input.length > 0) this.#write(input);
    return await this.answer(limit);
  }

  /**
   * Runs the last line with content on its stdin. The shell ends with it, so that
   * it runs no content as a line.
   */
  async give(
    script: string,
    content: AsyncIterable<Uint8Array>,
  ): Promise<Answer> {
    this.#writeLine(`(${script});${LAST}\n`);
    let isOver = false;
    // A host that fails answers early, and reads no more content.
    const answer = this.answer().finally(() => isOver = true);
    answer.catch(() => {});
    for await (const chunk of content) {
      if (isOver || this.#signal.aborted) break;
      await this.#write(chunk);
    }
    this.#stdin.close().catch(() => {});
    return await answer;
  }

  /**
   * Runs the last line, which may have input. `read()` returns its output, and
   * `answer()` its end.
   */
  finish(script: string, input?: Uint8Array): void {
    this.#writeLine(`(${script});${LAST}\n`);
    if (input !== undefined) this.#write(input);
    this.#stdin.close().catch(() => {});
  }

  /**
   * The next bytes of the output; undefined when the shell has ended.
   *
   * @throws {ConnectError} when the connection is lost.
   */
  async read(): Promise<Uint8Array | undefined> {
    if (this.#rest.length > 0) {
      const rest = this.#rest;
      this.#rest = new Uint8Array();
      return rest;
    }
    const chunk = await this.#stdout.read();
    this.#signal.throwIfAborted();
    if (chunk === undefined) await this.#throwIfLost();
    return chunk;
  }

  /** Puts back bytes for the next read. */
  unread(bytes: Uint8Array): void {
    this.#rest = bytes;
  }

  /** The output of the line up to its end. */
  async answer({ bytes: most, error }: AnswerLimit = LIMIT): Promise<Answer> {
    const mark = encoder.encode(`\n${this.nonce} `);
    const output = new Gatherer();
    for (;;) {
      const chunk = await this.read();
      if (chunk === undefined) throw await this.#ended();
      output.push(chunk);
      const found = output.find(mark);
      if (found !== undefined) {
        this.#rest = found.rest;
        const { bytes, status } = found;
        return { bytes, status, text: decoder.decode(bytes) };
      }
      if (output.length > most) throw error();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener("abort", this.#abort);
    this.#stream.close();
    return Promise.resolve();
  }

  #writeLine(line: string): void {
    this.#write(encoder.encode(line));
  }

  /** Never rejects: after a failure, `answer()` has the error. */
  #write(bytes: Uint8Array): Promise<void> {
    return this.#stdin.write(bytes).catch(() => {});
  }

  readonly #abort = () => this.#stream.close();

  async #throwIfLost(): Promise<void> {
    const exit = await this.#stream.exit;
    if (!exit.lost) return;
    throw new ConnectError(
      `Cannot go on: the connection was lost${becauseOf(exit)}`,
      { phase: "call" },
    );
  }

  /** The error of a shell that ended before its answer. */
  async #ended(): Promise<CallError> {
    const exit = await this.#stream.exit;
    await within(this.#stderr.ended, {
      ms: LAST_OUTPUT_MS,
      instead: undefined,
    });
    const lastLine = this.#stderr.text.trim().split("\n").at(-1);
    const state = lastLine || `the shell ended with ${describeExit(exit)}`;
    return new CallError(`Cannot go on: ${state}`);
  }
}

/** Prints the nonce, which is in `$n`, and the exit status of a line. */
const MARK = 'printf "\\n%s %s\\n" "${n#.ftl-}" $?';
/** Runs lines one after the other. */
const LOOP = `while read -r c;do eval "$c";${MARK};done`;

/**
 * Runs lines, and ends them at the deadline, which works over a dead connection
 * too. A pipe from all of them tells the watcher that they have ended.
 */
function runLines(seconds: number): string {
  const watch = "exec 3<&0 4>&-;trap '' HUP INT TERM;" +
    `sleep ${seconds} & s=$!;{ read -r x;kill -9 $s;} <&3 & ` +
    `wait $s&&{ kill -TERM $k;sleep ${KILL_AFTER_MS / 1000};kill -KILL $k;}`;
  return `exec 4>&1;{ ${LOOP};} 5>&1 >&4 4>&-|(${watch}) >/dev/null 2>&1;exit`;
}

/** Follows the last line. */
const LAST = `${MARK};exit`;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Collects bytes, and searches them for a mark with a number after it. */
class Gatherer {
  readonly #buffer = new ByteBuffer();
  #searched = 0;

  get length(): number {
    return this.#buffer.length;
  }

  push(chunk: Uint8Array): void {
    this.#buffer.append(chunk);
  }

  find(mark: Uint8Array) {
    const { bytes } = this.#buffer;
    for (let at = this.#searched; at + mark.length < bytes.length; at++) {
      at = bytes.indexOf(mark[0]!, at);
      if (at < 0 || at + mark.length >= bytes.length) break;
      if (!mark.every((byte, i) => bytes[at + i] === byte)) continue;
      const start = at + mark.length;
      const end = bytes.indexOf(0x0a, start);
      if (end < 0) return undefined;
      return {
        bytes: bytes.subarray(0, at),
        status: Number(decoder.decode(bytes.subarray(start, end))),
        rest: bytes.slice(end + 1),
      };
    }
    this.#searched = Math.max(0, bytes.length - mark.length - 16);
    return undefined;
  }
}
