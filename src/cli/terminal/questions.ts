// Questions to the user: one at a time, however many hosts ask at once. Nothing
// else is written to the terminal until the question is answered.
import type { TerminalQuestion } from "../../console/terminal/entry.ts";
import { UsageError } from "../process/exit_code.ts";
import type { Tty } from "./tty.ts";

/**
 * Asks a question; resolves to the answer, and rejects when the question is
 * withdrawn. Meanwhile `write` writes to the terminal.
 */
export type PutQuestion = (
  question: TerminalQuestion,
  write: (text: string) => void,
) => Promise<string>;

/** How a question is asked. */
export interface AskOptions {
  /** Withdraws the question. Default: the end of the command. */
  signal?: AbortSignal | undefined;
  /** Whole lines to show above it. */
  above?: string | undefined;
  /** A hint for when there is no terminal: `Give it with --password-file`. */
  otherwise?: string | undefined;
}

/** The questions of one process. */
export class Questions {
  readonly #tty: Pick<Tty, "isThere" | "ask">;
  readonly #signal: AbortSignal;
  readonly #write: (text: string) => void;
  /** Asks instead of the tty while it reads the terminal. */
  #holder: PutQuestion | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #isAsking = false;
  /** Writes that wait until the terminal is free. */
  #held: (() => void)[] = [];

  /**
   * @param options `signal`: the end of the command; `write`: writes to the
   * terminal for the holder of it.
   */
  constructor(
    tty: Pick<Tty, "isThere" | "ask">,
    options: { signal: AbortSignal; write: (text: string) => void },
  ) {
    this.#tty = tty;
    this.#signal = options.signal;
    this.#write = options.write;
  }

  /** Whether there is a terminal to ask at. */
  get isPossible(): boolean {
    return this.#holder !== undefined || this.#tty.isThere;
  }

  /** Whether a question is open. */
  get isAsking(): boolean {
    return this.#isAsking;
  }

  /** Lets `holder`, which reads the terminal, ask the questions. */
  lend(holder: PutQuestion | undefined): void {
    this.#holder = holder;
  }

  /**
   * Asks a question after the earlier ones are answered.
   *
   * @throws {UsageError} when there is no terminal.
   */
  async ask(
    prompt: string,
    { echo, above = "", signal, otherwise }: AskOptions & { echo: boolean },
  ): Promise<string> {
    if (!this.isPossible) {
      const what = prompt.replace(/[:?]?\s*$/, "");
      throw new UsageError(`Cannot ask "${what}": there is no terminal`, {
        hint: otherwise,
      });
    }
    const question: TerminalQuestion = {
      above,
      prompt,
      echo,
      signal: signal ? AbortSignal.any([signal, this.#signal]) : this.#signal,
    };
    const answer = this.#last.then(() => this.#put(question));
    this.#last = answer.catch(() => {}); // the caller gets the error
    return await answer;
  }

  /** Wraps a writer so that it waits while a question is open. */
  hold(write: (text: string) => void): (text: string) => void {
    return (text) => {
      if (this.#isAsking) this.#held.push(() => write(text));
      else write(text);
    };
  }

  async #put(question: TerminalQuestion): Promise<string> {
    question.signal.throwIfAborted();
    this.#isAsking = true;
    try {
      const put = this.#holder ?? ((question) => this.#tty.ask(question));
      return await put(question, this.#write);
    } finally {
      this.#isAsking = false;
      const held = this.#held;
      this.#held = [];
      for (const write of held) write();
    }
  }
}
