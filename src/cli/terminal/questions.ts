// Questions to the person who runs ftl: one after the other, however many hosts
// ask at once, and with nothing else written to the terminal meanwhile.
import type { TerminalQuestion } from "../../console/terminal/entry.ts";
import { UsageError } from "../process/exit_code.ts";
import type { Tty } from "./tty.ts";

/**
 * Puts a question and gives the answer; rejects when it is withdrawn. Until then
 * `write` is what writes to the terminal.
 */
export type PutQuestion = (
  question: TerminalQuestion,
  write: (text: string) => void,
) => Promise<string>;

/** How a question is asked. */
export interface AskOptions {
  /** Withdraws it. Default: the end of the command does. */
  signal?: AbortSignal | undefined;
  /** Whole lines to show before it. */
  above?: string | undefined;
  /** What to do where nobody can be asked: `Give it with --password-file`. */
  otherwise?: string | undefined;
}

/** The questions of one process. */
export class Questions {
  readonly #tty: Pick<Tty, "isThere" | "ask">;
  readonly #signal: AbortSignal;
  readonly #write: (text: string) => void;
  /** Who holds the terminal, when it is not ours. */
  #holder: PutQuestion | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #isAsking = false;
  /** What waits until the terminal is free. */
  #held: (() => void)[] = [];

  /**
   * @param options `signal`: the end of the command; `write`: writes to the
   * terminal, for who holds it.
   */
  constructor(
    tty: Pick<Tty, "isThere" | "ask">,
    options: { signal: AbortSignal; write: (text: string) => void },
  ) {
    this.#tty = tty;
    this.#signal = options.signal;
    this.#write = options.write;
  }

  /** Whether there is somebody to ask. */
  get isPossible(): boolean {
    return this.#holder !== undefined || this.#tty.isThere;
  }

  /** Lets another one, who reads the terminal, put the questions. */
  lend(holder: PutQuestion | undefined): void {
    this.#holder = holder;
  }

  /**
   * Asks, once the questions before this one are answered.
   *
   * @throws {UsageError} when there is nobody to ask.
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
    this.#last = answer.catch(() => {}); // who asked is told
    return await answer;
  }

  /** Makes what writes to the terminal wait while somebody is being asked. */
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
