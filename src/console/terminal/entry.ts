// The answer to a question: one line, shown while it is typed or not at all.
// Reading keys and writing to the terminal happen elsewhere.

/** A question for a person at the terminal. */
export interface TerminalQuestion {
  /** Complete lines above it; may be empty. */
  readonly above: string;
  /** The line that asks: `Password of ann: `. */
  readonly prompt: string;
  /** False if the answer must not be visible. */
  readonly echo: boolean;
  /** Withdraws the question. */
  readonly signal: AbortSignal;
}

/** The answer to one question, key by key. */
export class AnswerEntry {
  readonly #question: TerminalQuestion;
  #text = "";
  #isDone = false;

  constructor(question: TerminalQuestion) {
    this.#question = question;
  }

  /** The answer, after Enter. */
  get answer(): string | undefined {
    return this.#isDone ? this.#text : undefined;
  }

  /** The row that the terminal shows. */
  get row(): string {
    const { prompt, echo } = this.#question;
    return echo ? prompt + this.#text : prompt;
  }

  /**
   * Takes keys from the terminal, and returns what to write to it. Keys after
   * the answer are dropped.
   */
  type(keys: string): string {
    let drawn = "";
    for (const key of keys.replace(ESCAPES, "")) {
      if (this.#isDone) break;
      drawn += this.#take(key);
    }
    return drawn;
  }

  /** Clears the answer. */
  clear(): void {
    this.#text = "";
  }

  #take(key: string): string {
    const { echo } = this.#question;
    switch (key) {
      case "\r":
      case "\n":
        return this.#end();
      case "\x04": // ^D
        return this.#text === "" ? this.#end() : "";
      case "\x15": // ^U
        return this.#change("");
      case "\x7f":
      case "\b":
        return this.#change([...this.#text].slice(0, -1).join(""));
    }
    if (CONTROL.test(key)) return "";
    this.#text += key;
    return echo ? key : "";
  }

  #end(): string {
    this.#isDone = true;
    return "\r\n";
  }

  #change(text: string): string {
    this.#text = text;
    return this.#question.echo ? `\r\x1b[K${this.row}` : "";
  }
}

/** An open question on a terminal, until it is answered or withdrawn. */
export class OpenQuestion {
  /** Rejects with the signal's reason, or the reason of `withdraw()`. */
  readonly answered: Promise<string>;
  readonly #answer = Promise.withResolvers<string>();
  readonly #entry: AnswerEntry;
  readonly #write: (text: string) => void;

  constructor(question: TerminalQuestion, write: (text: string) => void) {
    const { signal } = question;
    signal.throwIfAborted();
    const abort = () => this.#answer.reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    this.#entry = new AnswerEntry(question);
    this.#write = write;
    this.answered = this.#answer.promise.finally(() =>
      signal.removeEventListener("abort", abort)
    );
  }

  get isAnswered(): boolean {
    return this.#entry.answer !== undefined;
  }

  type(keys: string): void {
    this.#write(this.#entry.type(keys));
    const { answer } = this.#entry;
    if (answer !== undefined) this.#answer.resolve(answer);
  }

  /** Clears the answer. */
  clear(): void {
    this.#entry.clear();
  }

  withdraw(
    reason: unknown = new DOMException(
      "The question was not answered",
      "AbortError",
    ),
  ): void {
    this.#answer.reject(reason);
  }

  draw(): void {
    this.#write(this.#entry.row);
  }
}

// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f]/;

/** Arrow keys and similar (ECMA-48, 5.4), and Alt with a key. */
// deno-lint-ignore no-control-regex
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|[^[O])?/g;
