// The process as commands see it: two outputs, an input, the user at the terminal,
// the environment, and the interrupt. Tests pass their own.
import { untilAbort } from "../../async/abort.ts";
import type { HostInput } from "../../core/shell/host_input.ts";
import { escapeStray } from "../../output/escape.ts";
import {
  type AskOptions,
  type PutQuestion,
  Questions,
} from "../terminal/questions.ts";
import type { Preparation } from "../process/prepare_for_hosts.ts";
import { warnAtStop } from "../terminal/job_control.ts";
import { Tty } from "../terminal/tty.ts";

/** The parts of the process that a command may use. */
export interface Context {
  /** Writes results. */
  out(text: string): void;
  /** Writes progress and diagnostics. */
  err(text: string): void;
  /** The text of stdin, to its end. */
  readInput(): Promise<string>;
  /**
   * Stdin for the commands of hosts: a pipe, a file or a socket that nothing else
   * has read. Undefined without one.
   */
  hostInput(): Promise<HostInput | undefined>;
  /** The lines of stdin, as they come. */
  inputLines(): AsyncIterable<string>;
  /**
   * Asks the user at the terminal for a line, after earlier questions.
   *
   * @throws {UsageError} when there is no terminal.
   */
  ask(prompt: string, options?: AskOptions): Promise<string>;
  /** Asks for a line that is not shown while it is typed. */
  askSecret(prompt: string, options?: AskOptions): Promise<string>;
  /** Secrets that were typed or read, and must never be shown; grows. */
  readonly secrets: Set<string>;
  /** Whether there is a terminal to ask at. */
  readonly canAsk: boolean;
  /** Lets `put` ask the questions while it reads the terminal; undefined ends that. */
  lendTerminal(put: PutQuestion | undefined): void;
  /** Calls back at each Enter while no question is open; returns a function to stop. */
  watchEnter(callback: () => void): () => void;
  env(name: string): string | undefined;
  readonly isTerminal: { in: boolean; out: boolean; err: boolean };
  /** The width to draw for, in columns; 80 where it is unknown. */
  readonly columns: number;
  /** Lines of output are cut to this width; undefined leaves them whole. */
  readonly cutAt: number | undefined;
  /** Aborted by ^C, TERM and HUP. */
  readonly signal: AbortSignal;
  /** Calls back at ^Z before the process stops; returns a function to stop. */
  warnAtStop(warn: () => void): () => void;
  /** Redirects ^C to a listener; returns a function to stop. */
  catchInterrupt(listener: () => void): () => void;
  /** Prepares the process for hosts that misbehave; call it before contact. */
  prepareForHosts(preparation?: Preparation): Promise<void>;
}

/** The context of this process. */
export function processContext(
  signal: AbortSignal,
  { catchInterrupt = () => () => {}, prepareForHosts = async () => {} }:
    Partial<Pick<Context, "catchInterrupt" | "prepareForHosts">> = {},
): Context {
  const tty = new Tty({ isDumb: Deno.env.get("TERM") === "dumb" });
  const asking = new Questions(tty, {
    signal,
    write: (text) =>
      writeAll(Deno.stdout.isTerminal() ? Deno.stdout : Deno.stderr, text),
  });
  let isInputUsed = false;
  const writer = (file: typeof Deno.stdout | typeof Deno.stderr) => {
    const write = (text: string) => writeAll(file, text);
    return file.isTerminal()
      ? asking.hold((text) => write(escapeStray(text)))
      : write;
  };
  return {
    out: writer(Deno.stdout),
    err: writer(Deno.stderr),
    readInput() {
      isInputUsed = true;
      const text = new Response(Deno.stdin.readable).text();
      return untilAbort(text, signal);
    },
    async hostInput() {
      if (isInputUsed) return undefined;
      const { openHostStdin } = await import("../process/host_stdin.ts");
      return openHostStdin();
    },
    inputLines: () => inputLines(signal),
    ask: (prompt, options) => asking.ask(prompt, { ...options, echo: true }),
    askSecret: (prompt, options) =>
      asking.ask(prompt, { ...options, echo: false }),
    secrets: new Set(),
    get canAsk() {
      return asking.isPossible;
    },
    lendTerminal: (put) => asking.lend(put),
    watchEnter: (callback) => tty.watchEnter(callback),
    env: (name) => Deno.env.get(name),
    isTerminal: {
      in: Deno.stdin.isTerminal(),
      out: Deno.stdout.isTerminal(),
      err: Deno.stderr.isTerminal(),
    },
    get columns() {
      return findWidth() ?? 80;
    },
    get cutAt() {
      return Deno.stdout.isTerminal() ? findWidth() : undefined;
    },
    signal,
    catchInterrupt,
    warnAtStop: (warn) => warnAtStop({ warn, isTaken: () => asking.isAsking }),
    prepareForHosts,
  };
}

/**
 * The width of the terminal; undefined without one, and for a terminal that was
 * never given a size and has a width of 0: `COLUMNS` may then tell.
 */
function findWidth(): number | undefined {
  let columns = 0;
  try {
    ({ columns } = Deno.consoleSize());
  } catch {
    // There is no terminal.
  }
  if (columns > 0) return columns;
  const given = Number(Deno.env.get("COLUMNS"));
  return Number.isInteger(given) && given > 0 ? given : undefined;
}

const encoder = new TextEncoder();

function writeAll(file: { writeSync(data: Uint8Array): number }, text: string) {
  let rest = encoder.encode(text);
  while (rest.length > 0) rest = rest.subarray(file.writeSync(rest));
}

/** Ends at the signal: the other end of the pipe may never write again. */
async function* inputLines(signal: AbortSignal): AsyncGenerator<string> {
  let rest = "";
  const reader = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
    .getReader();
  for (;;) {
    const { value: text, done } = await untilAbort(reader.read(), signal);
    if (done) break;
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}
