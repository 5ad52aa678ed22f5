// A connection whose commands run as another user, so that gates, shell commands
// and files need not know of it. The way there costs no round trip: the password
// and what is for the command are sent along. On the host they meet elevate.py,
// or a line of sh where there is no Python (docs/architecture.md).
import { Deadline, within } from "../../async/deadline.ts";
import { startTimer } from "../../async/timer.ts";
import { ConnectError, type FtlError } from "../../errors.ts";
import { explainNoShell } from "../../gate/open/open_errors.ts";
import {
  type Connection,
  type Exit,
  START_MS,
  type Stream,
} from "../../transport/transport.ts";
import type { Become } from "./become.ts";
import { TerminalDialogue } from "./terminal_dialogue.ts";
import { loginCommand, preamble } from "./become_command.ts";
import { ElevatedOutput } from "./elevated_output.ts";
import {
  type BecomeAttempt,
  explainEnd,
  explainNoTerminal,
  explainReport,
  explainSilence,
} from "./become_errors.ts";

/** How long the last words of a program that has ended are waited for. */
const LAST_WORDS_MS = 1_000;

/** How a password fared: `unknown` when it did not come to that. */
export type BecomeVerdict = "accepted" | "refused" | "unknown";

/** How a connection is elevated. */
export interface ElevateOptions {
  readonly become: Become;
  /** The login user's Python; default: the first that is found. */
  readonly python?: string | undefined;
  /** How long the other user's shell may take to be there. */
  readonly timeoutMs: number;
  /** Gives the password when its turn has come, and is told how it fared. */
  takePassword(): Promise<PasswordTrial>;
}

/** A password, and who is to be told how it fared. */
interface PasswordTrial {
  readonly password: string | undefined;
  end(verdict: BecomeVerdict): void;
}

/** The same host, but its commands run as another user. */
export function elevate(
  connection: Connection,
  options: ElevateOptions,
): Connection {
  return {
    closed: connection.closed,
    close: () => connection.close(),
    startMs: (connection.startMs ?? START_MS) + options.timeoutMs,
    exec: async (command, { signal, terminal }) => {
      if (terminal) {
        throw new ConnectError(
          `Cannot start a command as ${options.become.user}: there is no terminal to be had`,
          { phase: "start" },
        );
      }
      const trial = await beforeAbort(options.takePassword(), signal);
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
          attempt: {
            become,
            hadPassword: !!password,
            distrust: connection.distrust,
          },
          timeoutMs: options.timeoutMs,
          password,
          openTerminal: (run) =>
            connection.exec(run, { signal, terminal: true }),
          onVerdict: (verdict) => trial.end(verdict),
        });
      } catch (error) {
        trial.end("unknown");
        throw error;
      }
    },
  };
}

/** What the promise gives; given back when the signal aborts first. */
async function beforeAbort(
  taking: Promise<PasswordTrial>,
  signal: AbortSignal,
): Promise<PasswordTrial> {
  const deadline = new Deadline(signal);
  try {
    return await deadline.race(taking);
  } catch (error) {
    taking.then((trial) => trial.end("unknown"), () => {});
    throw error;
  } finally {
    deadline.clear();
  }
}

interface Watch {
  readonly nonce: string;
  readonly attempt: BecomeAttempt;
  readonly timeoutMs: number;
  readonly password: string | undefined;
  /** Runs a command on a terminal, beside the stream. */
  readonly openTerminal: (command: string) => Promise<Stream>;
  readonly onVerdict: (verdict: BecomeVerdict) => void;
}

/** A stream whose outputs begin where the other user's shell says that it is there. */
class ElevatedStream implements Stream {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exit: Promise<Exit>;
  readonly #stream: Stream;
  readonly #watch: Watch;
  readonly #stdout: ElevatedOutput;
  readonly #stderr: ElevatedOutput;
  readonly #exit = Promise.withResolvers<Exit>();
  readonly #stopTimer: () => void;
  #hasShell = false;
  #isDecided = false;
  #isClosed = false;
  /** Where the host has asked for a terminal, what it is for. */
  #dialogue: Promise<TerminalDialogue> | undefined;
  /** What the program said on its terminal. */
  #said = "";

  constructor(stream: Stream, watch: Watch) {
    this.#stream = stream;
    this.#watch = watch;
    this.stdin = stream.stdin;
    this.exit = this.#exit.promise;
    const { nonce } = watch;
    this.#stdout = new ElevatedOutput(stream.stdout, {
      nonce,
      onLine: () => {},
    });
    this.#stderr = new ElevatedOutput(stream.stderr, {
      nonce,
      onLine: (word, text) => this.#hear(word, text),
    });
    this.stdout = this.#stdout.stream;
    this.stderr = this.#stderr.stream;
    this.#stopTimer = startTimer(
      () => this.#refuse(explainSilence(watch.timeoutMs, watch.attempt)),
      watch.timeoutMs,
    );
    this.#stdout.begun.then((isThere) => {
      if (isThere) this.#decide("accepted");
    }, (error) => this.#refuse(error));
    this.#stderr.begun.catch((error) => this.#refuse(error));
    stream.exit.then((exit) => {
      if (this.#dialogue === undefined) this.#ended(exit);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#decide("unknown");
    this.#end();
  }

  #end(): void {
    this.#stdout.end();
    this.#stderr.end();
    this.#stream.close();
    // Where there came to be none, that has been told.
    this.#dialogue?.then((dialogue) => dialogue.close(), () => {});
  }

  #hear(word: string, text: string): void {
    if (word === "sh") this.#hasShell = true;
    if (word === "tty") this.#said = text;
    if (word === "terminal") this.#converse(text);
    const error = explainReport(word, text, this.#watch.attempt);
    if (error) this.#refuse(error, word === "wrong" ? "refused" : "unknown");
  }

  /** Comes with a terminal to the folder that the host has named. */
  async #converse(folder: string): Promise<void> {
    if (this.#dialogue !== undefined || !/^[\w./-]+$/.test(folder)) return;
    const { attempt, nonce, password, openTerminal } = this.#watch;
    const terminal = openTerminal(`exec /bin/sh ${folder}/run`);
    this.#dialogue = terminal.then((stream) =>
      new TerminalDialogue(stream, {
        marker: `ftl-${nonce}-`,
        password,
        onReport: (word, text) => this.#hear(word, text),
      })
    );
    try {
      const dialogue = await this.#dialogue;
      this.#stdout.begun.then(() => dialogue.end(), () => {});
      const exit = await dialogue.exit;
      this.#said = dialogue.text;
      await this.#ended(exit);
    } catch {
      this.#refuse(explainNoTerminal(attempt));
    }
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
  #refuse(error: FtlError, verdict: BecomeVerdict = "unknown"): void {
    if (!this.#decide(verdict)) return;
    this.#exit.resolve({
      code: null,
      signal: null,
      lost: false,
      refusal: error,
    });
    this.#end();
  }

  #decide(verdict: BecomeVerdict): boolean {
    if (this.#isDecided) return false;
    this.#isDecided = true;
    this.#stopTimer();
    this.#watch.onVerdict(verdict);
    return true;
  }
}
