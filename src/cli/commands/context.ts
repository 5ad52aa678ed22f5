// The process as the commands see it: two outputs, an input, the person before
// it, the environment, and the interrupt. Tests give their own.
import { escapeStray } from "../../output/escape.ts";
import {
  type AskOptions,
  type PutQuestion,
  Questions,
} from "../terminal/questions.ts";
import { Tty } from "../terminal/tty.ts";

/** What a command may touch of the process it runs in. */
export interface Context {
  /** Writes results. */
  out(text: string): void;
  /** Writes progress and diagnostics. */
  err(text: string): void;
  /** The text of stdin, to its end. */
  readInput(): Promise<string>;
  /** The lines of stdin, as they come. */
  inputLines(): AsyncIterable<string>;
  /**
   * Asks the person at the terminal for a line, after the questions that are
   * open already.
   *
   * @throws {UsageError} when there is no terminal.
   */
  ask(prompt: string, options?: AskOptions): Promise<string>;
  /** The same for what must not be seen while it is typed. */
  askSecret(prompt: string, options?: AskOptions): Promise<string>;
  /** What was typed or read that must never be shown; grows. */
  readonly secrets: Set<string>;
  /** Whether there is a terminal to ask at. */
  readonly canAsk: boolean;
  /** Lets another one put the questions as long as it reads the terminal. */
  lendTerminal(put: PutQuestion | undefined): void;
  /** Calls back at each Enter while nothing is asked; returns what ends that. */
  watchEnter(callback: () => void): () => void;
  env(name: string): string | undefined;
  readonly isTerminal: { in: boolean; out: boolean; err: boolean };
  /** The width of the terminal, in columns; 80 when there is none. */
  readonly columns: number;
  /** Aborted by ^C, TERM and HUP. */
  readonly signal: AbortSignal;
  /** Has ^C do something else; returns what ends that. */
  catchInterrupt(listener: () => void): () => void;
  /** Has the process end when it must, whatever hosts do; before any is met. */
  prepareForHosts(): Promise<void>;
}

/** The process's own. */
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
  const writer = (file: typeof Deno.stdout | typeof Deno.stderr) => {
    const write = (text: string) => writeAll(file, text);
    return file.isTerminal()
      ? asking.hold((text) => write(escapeStray(text)))
      : write;
  };
  return {
    out: writer(Deno.stdout),
    err: writer(Deno.stderr),
    readInput: () => new Response(Deno.stdin.readable).text(),
    inputLines,
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
      try {
        return Deno.consoleSize().columns;
      } catch {
        return 80; // no output is a terminal
      }
    },
    signal,
    catchInterrupt,
    prepareForHosts,
  };
}

const encoder = new TextEncoder();

function writeAll(file: { writeSync(data: Uint8Array): number }, text: string) {
  let rest = encoder.encode(text);
  while (rest.length > 0) rest = rest.subarray(file.writeSync(rest));
}

async function* inputLines(): AsyncGenerator<string> {
  let rest = "";
  for await (
    const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())
  ) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}
