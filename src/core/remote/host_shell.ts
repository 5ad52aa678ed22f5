// A conversation with plain sh on one host, on a Stream of its own: each line
// that it is given it runs, and says behind what that printed how it ended. The
// last thing it is told may be followed by content without end. When its input
// ends it ends, and removes what it has not finished.
import { CallError, ConnectError, type FtlError } from "../../errors.ts";
import { within } from "../../async/deadline.ts";
import { becauseOf, describeExit } from "../../gate/open/open_errors.ts";
import type { Connection, Stream } from "../../transport/transport.ts";
import {
  ByteOutput,
  ShellOutput,
  waitForShell,
} from "../shell/shell_output.ts";
import { KNOW_GROUP, LEAD_GROUP, shellCommand } from "../shell/shell_script.ts";
import { PRELUDE } from "./host_script.ts";

/** What a host says of the reason why it ended is short. */
const MAX_TEXT = 64 * 1024;
/** How long what a host says last is waited for. */
const QUIET_MS = 500;
/** How long after the deadline the host ends by itself, if it was not told to. */
const WATCH_S = 2;

/** What a line printed, and the exit status of it. */
export interface Answer {
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly status: number;
}

/** The most that an answer may hold, and what is thrown when it holds more. */
export interface AnswerLimit {
  readonly bytes: number;
  error(): FtlError;
}

const LIMIT: AnswerLimit = {
  bytes: 64 * 1024 * 1024,
  error: () => new CallError("Cannot go on: the host answers without end"),
};

/** A shell on a host. Must be disposed of. */
export class HostShell implements AsyncDisposable {
  /** Also the name of what it may leave in a folder for the time being. */
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
    // Nothing is raced against the signal: who waits is woken by the end.
    signal.addEventListener("abort", this.#abort);
    if (signal.aborted) this.#abort();
    this.#stdin = stream.stdin.getWriter();
    // What breaks stdin also ends the outputs, which are watched.
    this.#stdin.closed.catch(() => {});
    this.#stdout = new ByteOutput(stream.stdout, nonce);
    this.#stderr = new ShellOutput(stream.stderr, {
      nonce,
      limit: MAX_TEXT,
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
    connection: Connection,
    { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
  ): Promise<HostShell> {
    const nonce = crypto.randomUUID().replaceAll("-", "");
    const stream = await connection.exec(shellCommand(nonce), { signal });
    const shell = new HostShell(stream, nonce, signal);
    try {
      const seconds = Math.ceil(timeoutMs / 1000) + WATCH_S;
      shell.#say(`${LEAD_GROUP}\n`);
      shell.#say(`${KNOW_GROUP}${PRELUDE}n=.ftl-${nonce};${begin(seconds)}\n`);
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
   * Runs a line. `input` is for what the line reads from stdin, which may read
   * too far, as nothing follows before the answer.
   */
  async ask(
    script: string,
    { input, limit }: { input?: Uint8Array; limit?: AnswerLimit } = {},
  ): Promise<Answer> {
    this.#say(`${script}\n`);
    if (input !== undefined && input.length > 0) this.#give(input);
    return await this.answer(limit);
  }

  /**
   * Runs the last line and gives it content to read. The shell ends with it, so
   * that it takes no content for another line.
   */
  async give(
    script: string,
    content: AsyncIterable<Uint8Array>,
  ): Promise<Answer> {
    this.#say(`(${script});${LAST}\n`);
    let isOver = false;
    // A host that cannot go on says so, and then reads no more.
    const answer = this.answer().finally(() => isOver = true);
    answer.catch(() => {});
    for await (const chunk of content) {
      if (isOver || this.#signal.aborted) break;
      await this.#give(chunk);
    }
    this.#stdin.close().catch(() => {});
    return await answer;
  }

  /**
   * Runs the last line, which may have input. What it prints is for `read()`,
   * and for `answer()` to end.
   */
  finish(script: string, input?: Uint8Array): void {
    this.#say(`(${script});${LAST}\n`);
    if (input !== undefined) this.#give(input);
    this.#stdin.close().catch(() => {});
  }

  /** The next bytes of an output; undefined when the host has ended. */
  async read(): Promise<Uint8Array | undefined> {
    if (this.#rest.length > 0) {
      const rest = this.#rest;
      this.#rest = new Uint8Array();
      return rest;
    }
    const chunk = await this.#stdout.read();
    this.#signal.throwIfAborted();
    return chunk;
  }

  /** Gives back bytes that were read too far. */
  unread(bytes: Uint8Array): void {
    this.#rest = bytes;
  }

  /** What the line prints up to its end. */
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

  #say(line: string): void {
    this.#give(encoder.encode(line));
  }

  /** Never rejects: whoever waits for the answer is told why there is none. */
  #give(bytes: Uint8Array): Promise<void> {
    return this.#stdin.write(bytes).catch(() => {});
  }

  readonly #abort = () => this.#stream.close();

  /** What is thrown when the host ends before it has answered. */
  async #ended(): Promise<FtlError> {
    const exit = await this.#stream.exit;
    if (exit.lost) {
      return new ConnectError(
        `Cannot go on: the connection was lost${becauseOf(exit)}`,
        { phase: "call" },
      );
    }
    await within(this.#stderr.ended, { ms: QUIET_MS, instead: undefined });
    const said = this.#stderr.text.trim().split("\n").at(-1);
    return new CallError(
      `Cannot go on: ${said || `the host ended with ${describeExit(exit)}`}`,
    );
  }
}

/** Says how a line ended; `$n` is the name of what it may leave, with the nonce. */
const MARK = 'printf "\\n%s %s\\n" "${n#.ftl-}" $?';
/** Runs line after line. */
const LOOP = `while read -r c;do eval "$c";${MARK};done`;

/**
 * Runs them, and ends them at the deadline: whose link is dead is told nothing.
 * Whoever watches knows by a pipe from all of them that they have ended.
 */
function begin(seconds: number): string {
  const watch = "exec 3<&0 4>&-;trap '' HUP INT TERM;" +
    `sleep ${seconds} & s=$!;{ read -r x;kill -9 $s;} <&3 & ` +
    "wait $s&&{ kill -TERM $k;sleep 5;kill -KILL $k;}";
  return `exec 4>&1;{ ${LOOP};} 5>&1 >&4 4>&-|(${watch}) >/dev/null 2>&1;exit`;
}

/** Stands behind the last. */
const LAST = `${MARK};exit`;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Bytes that grow, in which a mark and a number behind it are looked for. */
class Gatherer {
  #bytes = new Uint8Array(64 * 1024);
  #length = 0;
  #searched = 0;

  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }

  find(mark: Uint8Array) {
    for (let at = this.#searched; at + mark.length < this.#length; at++) {
      at = this.#bytes.indexOf(mark[0]!, at);
      if (at < 0 || at + mark.length >= this.#length) break;
      if (!mark.every((byte, i) => this.#bytes[at + i] === byte)) continue;
      const begin = at + mark.length;
      const end = this.#bytes.subarray(0, this.#length).indexOf(0x0a, begin);
      if (end < 0) return undefined;
      const number = decoder.decode(this.#bytes.subarray(begin, end));
      return {
        bytes: this.#bytes.subarray(0, at),
        status: Number(number),
        rest: this.#bytes.slice(end + 1, this.#length),
      };
    }
    this.#searched = Math.max(0, this.#length - mark.length - 16);
    return undefined;
  }
}
