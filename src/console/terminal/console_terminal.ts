// The console in a terminal: a thin loop between the editor and the executor.
// While a line is read, notices appear above it; while a call runs, ^C ends the
// call and never the session.
import type { ReadStream } from "node:tty";
import { escapeLine } from "../../output/escape.ts";
import { createStyle, type Style } from "../../output/style.ts";
import { complete, type CompletionSource } from "../lines/complete_line.ts";
import { Editor } from "./editor.ts";
import type { TerminalQuestion } from "./entry.ts";
import type { GateStatus } from "../session/gate_status.ts";
import type { HandOver } from "./lent_terminal.ts";
import type { LineEditor } from "./line_editor.ts";
import { LineJoiner } from "../lines/line.ts";
import { StatusLines } from "../session/status_lines.ts";
import type { Executor } from "../session/executor.ts";
import { continuationPrompt, promptText } from "../lines/prompt.ts";
import { mayKeep } from "../lines/secrecy.ts";
import { stopWarning } from "./stop_warning.ts";
import { PlainEditor } from "./plain_editor.ts";

/** What a terminal session needs. */
export interface TerminalOptions {
  readonly input: ReadStream;
  /** Writes to the terminal immediately. */
  readonly write: (text: string) => void;
  readonly width: () => number;
  readonly completion: CompletionSource;
  readonly history: LineHistory;
  /** Lists the pending hosts while a call runs. */
  readonly sayPending: () => void;
  /** Formats an error as one or more lines. */
  readonly describe: (error: unknown) => string;
  /** Write whole lines only, and never change one. */
  readonly plain: boolean;
  readonly color: boolean;
  /** Ends the session. */
  readonly signal: AbortSignal;
  /** Redirects ^C, where it is a signal, to `listener`; returns a function that stops it. */
  readonly catchInterrupt: (listener: () => void) => () => void;
  /** Calls back at ^Z, where it is a signal, before the process stops. */
  readonly warnAtStop: (warn: () => void) => () => void;
  /** Whether this process answers for connections to hosts. */
  readonly hasConnections: () => boolean;
  /** What gates do with calls whose link is lost. */
  readonly linkLoss: "kill" | "finish";
  /** Offers the terminal to programs that the session runs; undefined ends that. */
  readonly offer: (handOver: HandOver | undefined) => void;
  /** Lets the session ask the questions that come up during it. */
  readonly lend: (ask: AskQuestion | undefined) => void;
}

/** Asks a question; `write` writes to the terminal until the answer. */
type AskQuestion = (
  question: TerminalQuestion,
  write: (text: string) => void,
) => Promise<string>;

/** Lines that are kept after the session. */
export interface LineHistory {
  /** Newest first. */
  readonly lines: readonly string[];
  add(line: string): Promise<void>;
}

/** Notices within this time are printed together. */
const NOTICE_MS = 100;
const PROMPT_MS = 50;

/** Runs a session until ^D, `:quit` or the signal. */
export async function runTerminal(
  executor: Executor,
  gates: GateStatus,
  options: TerminalOptions,
): Promise<void> {
  await new Terminal(executor, gates, options).run();
}

class Terminal {
  readonly #executor: Executor;
  readonly #gates: GateStatus;
  readonly #options: TerminalOptions;
  readonly #editor: LineEditor;
  /** The running call. */
  #call: AbortController | undefined;
  #isContinuing = false;
  /** ^C was pressed since the last line was read. */
  #isInterrupted = false;
  /** How many waiting lines it has dropped. */
  #dropped = 0;
  #hasLostHistory = false;
  readonly #style: Style;
  readonly #notices: StatusLines = new StatusLines();
  readonly #timers = new Map<() => void, ReturnType<typeof setTimeout>>();

  constructor(
    executor: Executor,
    gates: GateStatus,
    options: TerminalOptions,
  ) {
    this.#executor = executor;
    this.#gates = gates;
    this.#options = options;
    const { input, write, width, completion, history, plain } = options;
    this.#style = createStyle(options.color);
    this.#editor = new (plain ? PlainEditor : Editor)({
      input,
      write,
      width,
      history: history.lines,
      complete: (line) => complete(line, completion),
      stopWarning: () => this.#stopWarning(),
      onKey: (key) => {
        if (key === "enter") options.sayPending();
        else this.#interrupt();
      },
    });
    gates.listeners = {
      onChange: () => this.#soon(this.#showPrompt, PROMPT_MS),
      onLost: (host, reason) => this.#note(host, ": ", reason),
      onTold: (host) => this.#notices.remove(host),
      onFailed: (host, reason, hint) =>
        this.#note(host, " failed to open: ", reason, hint),
    };
  }

  async run(): Promise<void> {
    const { signal } = this.#options;
    const end = () => this.#editor.close();
    this.#options.lend((question, write) => this.#editor.ask(question, write));
    this.#options.offer(this.#editor.handOver);
    signal.addEventListener("abort", end, { once: true });
    const resize = () => this.#editor.resized();
    const release = this.#options.catchInterrupt(() =>
      this.#editor.interrupt()
    );
    // In raw mode ^Z is a key, and stops the process by a signal of its own.
    const unwarn = this.#options.plain
      ? this.#options.warnAtStop(() => {
        this.#options.write(`\n${this.#stopWarning()}`);
      })
      : () => {};
    Deno.addSignalListener("SIGWINCH", resize);
    this.#executor.openChosen();
    try {
      while (!signal.aborted) {
        const lines = await this.#readLines();
        if (lines === undefined) return;
        if (await this.#takeAll(lines) === "quit") return;
      }
    } finally {
      signal.removeEventListener("abort", end);
      Deno.removeSignalListener("SIGWINCH", resize);
      this.#gates.listeners = {};
      for (const timer of this.#timers.values()) clearTimeout(timer);
      this.#executor.end();
      this.#options.lend(undefined);
      this.#options.offer(undefined);
      release();
      unwarn();
      this.#editor.close();
    }
  }

  /** Modules that run need pings from here, unless a session has the hosts. */
  #stopWarning(): string {
    const isWorthIt = this.#executor.isCallingModule &&
      this.#options.hasConnections();
    return isWorthIt ? stopWarning(this.#options.linkLoss) : "";
  }

  /**
   * One complete line, or several that were pasted; undefined at the end.
   */
  async #readLines(): Promise<string[] | undefined> {
    const joiner = new LineJoiner();
    const lines: string[] = [];
    do {
      this.#showNotices();
      this.#isContinuing = joiner.isOpen;
      this.#isInterrupted = false;
      this.#dropped = 0;
      const reading = await this.#editor.read(this.#prompt());
      if (reading.kind === "end") return undefined;
      if (reading.kind === "interrupt") {
        const isIdle = reading.wasEmpty && !joiner.isOpen;
        if (isIdle) this.#options.write("To exit, press ^D or type :quit\n");
        return [];
      }
      for (const row of reading.text.split("\n")) {
        const line = joiner.push(row);
        if (line !== undefined) lines.push(line);
      }
    } while (joiner.isOpen);
    return lines;
  }

  /** Ends the running call, and drops the lines that wait for its end. */
  #interrupt(): void {
    this.#isInterrupted = true;
    this.#dropped += this.#editor.dropAhead();
    this.#call?.abort(new DOMException("Interrupted", "AbortError"));
  }

  /** Runs lines until one ends the session, or ^C drops the rest. */
  async #takeAll(lines: readonly string[]): Promise<"quit" | void> {
    this.#editor.isBusy = true;
    try {
      for (const [at, line] of lines.entries()) {
        if (this.#isInterrupted) {
          const left = lines.slice(at).filter((line) => line.trim() !== "");
          this.#dropped += left.length;
          break;
        }
        if (lines.length > 1) this.#echo(line);
        if (await this.#take(line) === "quit") return "quit";
      }
      this.#sayDropped();
    } finally {
      this.#editor.isBusy = false;
    }
  }

  /** Shows which of several pasted lines the next results belong to. */
  #echo(line: string): void {
    if (line.trim() === "") return;
    const [first = "", ...more] = line.split("\n").map(escapeLine);
    const rest = more.map((row) => `\n${this.#prompt("more")}${row}`).join("");
    this.#options.write(`${this.#prompt()}${first}${rest}\n`);
  }

  #sayDropped(): void {
    const count = this.#dropped;
    if (count === 0) return;
    const what = count === 1 ? "1 line that was" : `${count} lines that were`;
    this.#options.write(`Dropped ${what} waiting\n`);
  }

  /** Runs a line; an error is reported, and the session continues. */
  async #take(line: string): Promise<"quit" | void> {
    const { signal, describe, write } = this.#options;
    const call = new AbortController();
    this.#call = call;
    // Decided first, so that a line that ends the session is kept too.
    let keep = mayKeep(line);
    try {
      const outcome = await this.#executor.take(
        line,
        AbortSignal.any([call.signal, signal]),
      );
      keep = outcome.mayKeep;
      if (outcome.hasQuit) return "quit";
    } catch (error) {
      if (!call.signal.aborted) write(describe(error));
    } finally {
      this.#call = undefined;
      if (line.trim() !== "") await this.#remember(line, keep);
    }
  }

  /** A line with a secret can be recalled only in this session. */
  async #remember(line: string, keep: boolean): Promise<void> {
    const { history, write, describe } = this.#options;
    this.#editor.remember(line);
    if (!keep) return;
    try {
      await history.add(line);
    } catch (error) {
      // Report it once: it is likely to fail for every line.
      if (!this.#hasLostHistory) write(describe(error));
      this.#hasLostHistory = true;
    }
  }

  #prompt(row: "first" | "more" = this.#isContinuing ? "more" : "first") {
    const { session } = this.#executor;
    const open = this.#executor.hasGates
      ? this.#gates.countOpen(session.hosts)
      : undefined;
    const prompt = promptText(session, open);
    return this.#style.prompt(
      row === "more" ? continuationPrompt(prompt) : prompt,
    );
  }

  #showPrompt(): void {
    this.#editor.changePrompt(this.#prompt());
  }

  #note(host: string, what: string, reason: string, hint?: string): void {
    this.#notices.add(host, what, reason, hint);
    this.#soon(this.#showNotices, NOTICE_MS);
  }

  /** During a call its results say more; notices appear after it. */
  #showNotices(): void {
    if (this.#call) return;
    const text = this.#notices.take(this.#options.width());
    if (text !== "") this.#editor.print(text);
  }

  /** Runs `act` once after `ms`, however often it is requested. */
  #soon(act: () => void, ms: number): void {
    if (this.#timers.has(act)) return;
    const timer = setTimeout(() => {
      this.#timers.delete(act);
      act.call(this);
    }, ms);
    this.#timers.set(act, timer);
  }
}
