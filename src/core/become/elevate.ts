// A connection whose commands run as another user, so that gates, shell commands
// and files work without knowing it. It costs no round trip: the password and the
// command's stdin are sent at once. On the host, elevate.py reads them, or a line
// of sh when there is no Python (docs/architecture.md).
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
import type { BecomeTrial, BecomeVerdict } from "./password_trials.ts";
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

/** How long the outputs of a program that has ended may take to end. */
const LAST_OUTPUT_MS = 1_000;

/** The options of an elevated connection. */
export interface ElevateOptions {
  readonly become: Become;
  /** The login user's Python; default: the first that is found. */
  readonly python?: string | undefined;
  /** How long the other user's shell may take to start. */
  readonly timeoutMs: number;
  /** Resolves to the password when the host may try it. */
  takePassword(): Promise<BecomeTrial>;
}

/** A connection to the same host whose commands run as another user. */
export function elevate(
  connection: Connection,
  options: ElevateOptions,
): Connection {
  return {
    closed: connection.closed,
    keyExchange: connection.keyExchange,
    close: () => connection.close(),
    startMs: (connection.startMs ?? START_MS) + options.timeoutMs,
    exec: async (command, { signal, terminal }) => {
      if (terminal) {
        throw new ConnectError(
          `Cannot start a command as ${options.become.user}: become supports no terminals`,
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
        // An error of stdin also ends the outputs, which are watched.
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

/** Waits for a trial; ends it unused when the signal aborts first. */
async function beforeAbort(
  taking: Promise<BecomeTrial>,
  signal: AbortSignal,
): Promise<BecomeTrial> {
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

interface ElevationOptions {
  readonly nonce: string;
  readonly attempt: BecomeAttempt;
  readonly timeoutMs: number;
  readonly password: string | undefined;
  /** Runs a command on a terminal, in a second stream. */
  readonly openTerminal: (command: string) => Promise<Stream>;
  readonly onVerdict: (verdict: BecomeVerdict) => void;
}

/** A stream whose outputs start at the sentinel of the other user's shell. */
class ElevatedStream implements Stream {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exit: Promise<Exit>;
  readonly #stream: Stream;
  readonly #options: ElevationOptions;
  readonly #stdout: ElevatedOutput;
  readonly #stderr: ElevatedOutput;
  readonly #exit = Promise.withResolvers<Exit>();
  readonly #stopTimer: () => void;
  #hasShell = false;
  #isDecided = false;
  #isClosed = false;
  /** Set when the host has asked for a terminal. */
  #dialogue: Promise<TerminalDialogue> | undefined;
  /** The output of the program on its terminal. */
  #terminalText = "";

  constructor(stream: Stream, options: ElevationOptions) {
    this.#stream = stream;
    this.#options = options;
    this.stdin = stream.stdin;
    this.exit = this.#exit.promise;
    const { nonce } = options;
    this.#stdout = new ElevatedOutput(stream.stdout, {
      nonce,
      onLine: () => {},
    });
    this.#stderr = new ElevatedOutput(stream.stderr, {
      nonce,
      onLine: (word, text) => this.#onLine(word, text),
    });
    this.stdout = this.#stdout.stream;
    this.stderr = this.#stderr.stream;
    this.#stopTimer = startTimer(
      () => this.#refuse(explainSilence(options.timeoutMs, options.attempt)),
      options.timeoutMs,
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
    // A terminal that did not open was reported already.
    this.#dialogue?.then((dialogue) => dialogue.close(), () => {});
  }

  #onLine(word: string, text: string): void {
    if (word === "sh") this.#hasShell = true;
    if (word === "tty") this.#terminalText = text;
    if (word === "terminal") this.#openTerminal(text);
    const error = explainReport(word, text, this.#options.attempt);
    if (error) this.#refuse(error, word === "wrong" ? "refused" : "unknown");
  }

  /** Opens a terminal, and runs the script in the folder that the host reported. */
  async #openTerminal(folder: string): Promise<void> {
    if (this.#dialogue !== undefined || !/^[\w./-]+$/.test(folder)) return;
    const { attempt, nonce, password, openTerminal } = this.#options;
    const terminal = openTerminal(`exec /bin/sh ${folder}/run`);
    this.#dialogue = terminal.then((stream) =>
      new TerminalDialogue(stream, {
        marker: `ftl-${nonce}-`,
        password,
        onReport: (word, text) => this.#onLine(word, text),
      })
    );
    try {
      const dialogue = await this.#dialogue;
      this.#stdout.begun.then(() => dialogue.end(), () => {});
      const exit = await dialogue.exit;
      this.#terminalText = dialogue.text;
      await this.#ended(exit);
    } catch {
      this.#refuse(explainNoTerminal(attempt));
    }
  }

  async #ended(exit: Exit): Promise<void> {
    if (!this.#isDecided) {
      // One that fails has been refused.
      const both = Promise.allSettled([
        this.#stdout.begun,
        this.#stderr.begun,
      ]);
      await within(both, { ms: LAST_OUTPUT_MS, instead: undefined });
    }
    if (!this.#isDecided) this.#explain(exit);
    // A closed stream has no status of its own: its input ended.
    this.#exit.resolve(this.#isClosed ? { ...exit, code: null } : exit);
  }

  #explain(exit: Exit): void {
    const { attempt } = this.#options;
    const [noise, stderr] = [this.#stdout.noise, this.#stderr.noise];
    if (exit.lost || !this.#hasShell) {
      return this.#refuse(explainNoShell({ exit, noise, stderr }));
    }
    const output = [noise, stderr, this.#terminalText].join("\n");
    const { error, isWrong } = explainEnd(output, { exit, attempt });
    this.#refuse(error, isWrong ? "refused" : "unknown");
  }

  /** Ends the stream with an error: the command did not run, and will not. */
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
    this.#options.onVerdict(verdict);
    return true;
  }
}
