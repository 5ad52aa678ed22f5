// What somebody types as the answer to a question: a line that is shown as it is
// typed, or not at all. Who reads the keys and writes to the terminal is
// elsewhere.

/** A question, as it is put to a person. */
export interface TerminalQuestion {
  /** Whole lines before it; may be empty. */
  readonly above: string;
  /** One line, as it is shown: `Password of ann: `. */
  readonly prompt: string;
  /** False when the answer must not be seen. */
  readonly echo: boolean;
  /** Withdraws it. */
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

  /** The answer, once Enter was typed. */
  get answer(): string | undefined {
    return this.#isDone ? this.#text : undefined;
  }

  /** What the terminal shows of it, in a row of its own. */
  get row(): string {
    const { prompt, echo } = this.#question;
    return echo ? prompt + this.#text : prompt;
  }

  /**
   * Takes what the terminal gives for keys, and says what is to be written. What
   * comes after the answer is dropped.
   */
  type(keys: string): string {
    let drawn = "";
    for (const key of keys.replace(ESCAPES, "")) {
      if (this.#isDone) break;
      drawn += this.#take(key);
    }
    return drawn;
  }

  /** Begins anew. */
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

/** A question that is put on a terminal, until it is answered or withdrawn. */
export class OpenQuestion {
  /** Rejects with the signal's reason, or that for which it is withdrawn. */
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

  /** Begins anew. */
  clear(): void {
    this.#entry.clear();
  }

  withdraw(
    reason: unknown = new DOMException("Nobody answered", "AbortError"),
  ): void {
    this.#answer.reject(reason);
  }

  draw(): void {
    this.#write(this.#entry.row);
  }
}

// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f]/;

/** Arrows and the like (ECMA-48, 5.4), and Alt with a key. */
// deno-lint-ignore no-control-regex
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|[^[O])?/g;
