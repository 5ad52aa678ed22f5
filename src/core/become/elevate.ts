// A connection whose commands run as another user, so that gates, shell commands
// and files need not know of it. The way there costs no round trip: the password
// and what is for the command are sent along. On the host they meet elevate.py,
// or a line of sh where there is no Python (docs/architecture.md).
import type { FtlError } from "../../errors.ts";
import { within } from "../../gate/deadline.ts";
import { OpeningLines } from "../../gate/opening_lines.ts";
import { explainNoShell } from "../../gate/refusal.ts";
import type { Connection, Exit, Stream } from "../../transport/transport.ts";
import type { Become } from "./become.ts";
import { loginCommand, preamble } from "./host_words.ts";
import {
  type Attempt,
  explainEnd,
  explainReport,
  explainSilence,
} from "./refusal.ts";

/** How long the last words of a program that has ended are waited for. */
const LAST_WORDS_MS = 1_000;

/** How a password fared: `unknown` when it did not come to that. */
export type Verdict = "accepted" | "refused" | "unknown";

/** How a connection is elevated. */
export interface ElevateOptions {
  readonly become: Become;
  /** The login user's Python; default: the first that is found. */
  readonly python?: string | undefined;
  /** How long the other user's shell may take to be there. */
  readonly timeoutMs: number;
  /** Gives the password when its turn has come, and is told how it fared. */
  takePassword(): Promise<
    { password: string | undefined; end(verdict: Verdict): void }
  >;
}

/** The same host, but its commands run as another user. */
export function elevate(
  connection: Connection,
  options: ElevateOptions,
): Connection {
  return {
    closed: connection.closed,
    close: () => connection.close(),
    startMs: (connection.startMs ?? 0) + options.timeoutMs,
    exec: async (command, { signal }) => {
      const trial = await options.takePassword();
      try {
        const { become, python } = options;
        const nonce = crypto.randomUUID().replaceAll("-", "");
        const { password } = trial;
        const text = preamble({ nonce, become, password, command });
        const login = loginCommand(nonce, python);
        const stream = await connection.exec(login, { signal });
        const writer = stream.stdin.getWriter();
        // What breaks stdin also ends the outputs, which are watched.
        writer.write(new TextEncoder().encode(text)).catch(() => {});
        writer.releaseLock();
        return new ElevatedStream(stream, {
          nonce,
          attempt: { become, hadPassword: !!password },
          timeoutMs: options.timeoutMs,
          onVerdict: (verdict) => trial.end(verdict),
        });
      } catch (error) {
        trial.end("unknown");
        throw error;
      }
    },
  };
}

interface Watch {
  readonly nonce: string;
  readonly attempt: Attempt;
  readonly timeoutMs: number;
  readonly onVerdict: (verdict: Verdict) => void;
}

/** A stream whose outputs begin where the other user's shell says that it is there. */
class ElevatedStream implements Stream {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exit: Promise<Exit>;
  readonly #stream: Stream;
  readonly #watch: Watch;
  readonly #stdout: LateOutput;
  readonly #stderr: LateOutput;
  readonly #exit = Promise.withResolvers<Exit>();
  readonly #timer: ReturnType<typeof setTimeout>;
  #hasShell = false;
  #isDecided = false;
  #isClosed = false;
  /** What the program said on its terminal. */
  #said = "";

  constructor(stream: Stream, watch: Watch) {
    this.#stream = stream;
    this.#watch = watch;
    this.stdin = stream.stdin;
    this.exit = this.#exit.promise;
    const { nonce } = watch;
    this.#stdout = new LateOutput(stream.stdout, { nonce, onLine: () => {} });
    this.#stderr = new LateOutput(stream.stderr, {
      nonce,
      onLine: (word, text) => this.#hear(word, text),
    });
    this.stdout = this.#stdout.stream;
    this.stderr = this.#stderr.stream;
    this.#timer = setTimeout(
      () => this.#refuse(explainSilence(watch.timeoutMs, watch.attempt)),
      watch.timeoutMs,
    );
    this.#stdout.begun.then((isThere) => {
      if (isThere) this.#decide("accepted");
    }, (error) => this.#refuse(error));
    this.#stderr.begun.catch((error) => this.#refuse(error));
    stream.exit.then((exit) => this.#ended(exit));
  }

  close(): void {
    this.#isClosed = true;
    this.#decide("unknown");
    this.#stdout.end();
    this.#stderr.end();
    this.#stream.close();
  }

  #hear(word: string, text: string): void {
    if (word === "sh") this.#hasShell = true;
    if (word === "tty") this.#said = text;
    const error = explainReport(word, text, this.#watch.attempt);
    if (error) this.#refuse(error, word === "wrong" ? "refused" : "unknown");
  }

  async #ended(exit: Exit): Promise<void> {
    if (!this.#isDecided) {
      const both = Promise.all([this.#stdout.begun, this.#stderr.begun]);
      await within(both, { ms: LAST_WORDS_MS, instead: undefined });
    }
    if (!this.#isDecided) this.#explain(exit);
    // Who was given up has ended because its input did.
    this.#exit.resolve(this.#isClosed ? { ...exit, code: null } : exit);
  }

  #explain(exit: Exit): void {
    const { attempt } = this.#watch;
    const [noise, stderr] = [this.#stdout.noise, this.#stderr.noise];
    if (exit.lost || !this.#hasShell) {
      return this.#refuse(explainNoShell({ exit, noise, stderr }));
    }
    const said = [noise, stderr, this.#said].join("\n");
    const { error, isWrong } = explainEnd(said, { exit, attempt });
    this.#refuse(error, isWrong ? "refused" : "unknown");
  }

  /** The command did not run, and will not. */
  #refuse(error: FtlError, verdict: Verdict = "unknown"): void {
    if (!this.#decide(verdict)) return;
    this.#exit.resolve({
      code: null,
      signal: null,
      lost: false,
      refusal: error,
    });
    this.#stdout.end();
    this.#stderr.end();
    this.#stream.close();
  }

  #decide(verdict: Verdict): boolean {
    if (this.#isDecided) return false;
    this.#isDecided = true;
    clearTimeout(this.#timer);
    this.#watch.onVerdict(verdict);
    return true;
  }
}

/** An output that is given out from behind the line `in` on. */
class LateOutput {
  readonly stream: ReadableStream<Uint8Array>;
  /** Whether that line has come, when it or the output's end has. */
  readonly begun: Promise<boolean>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #lines: OpeningLines;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #rest: Uint8Array | undefined;
  #hasEnded = false;

  constructor(
    source: ReadableStream<Uint8Array>,
    { nonce, onLine }: {
      nonce: string;
      onLine: (word: string, text: string) => void;
    },
  ) {
    this.#reader = source.getReader();
    this.#lines = new OpeningLines(nonce, "in");
    this.begun = this.#begin(onLine);
    this.begun.catch(() => {});
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: async () => {
        const chunk = await this.#next();
        if (chunk === undefined) this.end();
        else if (!this.#hasEnded) this.#controller.enqueue(chunk);
      },
      cancel: async () => {
        this.#hasEnded = true;
        // Who is not there yet would be ended by an output that is gone.
        await this.begun.catch(() => {});
        await this.#reader.cancel();
      },
    }, { highWaterMark: 0 });
  }

  /** What came before that line. */
  get noise(): string {
    return this.#lines.noise;
  }

  /** Drops what is still to come. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#controller.close();
    // It broke or has ended: there is nothing left to drop.
    this.#reader.cancel().catch(() => {});
  }

  async #next(): Promise<Uint8Array | undefined> {
    const hasBegun = await this.begun.catch(() => false);
    if (!hasBegun) return undefined;
    const rest = this.#rest;
    this.#rest = undefined;
    return rest ?? (await this.#reader.read()).value;
  }

  async #begin(
    onLine: (word: string, text: string) => void,
  ): Promise<boolean> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return false;
      for (const { word, text } of this.#lines.push(value)) {
        if (word !== "in") onLine(word, text);
        else {
          if (this.#lines.rest.length > 0) this.#rest = this.#lines.rest;
          return true;
        }
      }
    }
  }
}
