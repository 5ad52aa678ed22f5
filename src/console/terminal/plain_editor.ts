// Reads lines that the terminal itself edits, for screen readers and terminals
// that cannot move the cursor: output is never changed, and no control sequence
// is sent. A line that ends in a tab lists the completions.
import type { ReadStream } from "node:tty";
import { OpenQuestion, type TerminalQuestion } from "./entry.ts";
import type { EditorOptions, LineEditor, Reading } from "./line_editor.ts";
import { type HandOver, LentTerminal } from "./lent_terminal.ts";

/** The line editor that leaves editing to the terminal. */
export class PlainEditor implements LineEditor {
  isBusy = false;
  readonly #options: Omit<EditorOptions, "width" | "history">;
  readonly #input: ReadStream;
  #reading: ((reading: Reading) => void) | undefined;
  #prompt = "";
  /** The start of a line that has not ended. */
  #rest = "";
  /** Lines that were typed ahead. */
  #ahead: string[] = [];
  #hasEnded = false;
  #unprinted = "";
  /** A program has the terminal. */
  #lent: LentTerminal | undefined;
  /** The open question; it gets all keys. */
  #asked: OpenQuestion | undefined;

  constructor(options: Omit<EditorOptions, "width" | "history">) {
    this.#options = options;
    this.#input = options.input;
    this.#input.setEncoding("utf8");
    this.#input.on("data", this.#take);
    this.#input.on("end", this.#end);
  }

  read(prompt: string): Promise<Reading> {
    const { promise, resolve } = Promise.withResolvers<Reading>();
    this.#reading = resolve;
    this.#prompt = prompt;
    this.#options.write(this.#unprinted + prompt);
    this.#unprinted = "";
    const next = this.#ahead.shift();
    if (next !== undefined) {
      this.#options.write(next + "\n");
      this.#line(next);
    } else if (this.#hasEnded) this.#end();
    return promise;
  }

  /** Takes effect on the next line. */
  changePrompt(_prompt: string): void {}

  print(text: string): void {
    if (this.#reading) this.#unprinted += text;
    else this.#options.write(text);
  }

  async ask(
    question: TerminalQuestion,
    write: (text: string) => void,
  ): Promise<string> {
    const asking = new OpenQuestion(question, write);
    write(`\n${question.above}`);
    asking.draw();
    this.#input.setRawMode(true);
    this.#asked = asking;
    try {
      return await asking.answered;
    } finally {
      this.#asked = undefined;
      this.#input.setRawMode(false);
      if (!asking.isAnswered) write("\n");
      if (this.#reading) write(this.#prompt);
    }
  }

  readonly handOver: HandOver = async (use) => {
    this.#input.pause();
    this.#input.setRawMode(false); // ends the read that waits for a line
    this.#lent = new LentTerminal();
    try {
      return await this.#lent.use(use, () => {
        this.#options.write("\n"); // after the terminal's ^C
        this.#options.onKey("interrupt");
      });
    } finally {
      this.#lent = undefined;
      if (!this.#hasEnded) this.#input.resume();
    }
  };

  dropAhead(): number {
    const lines = this.#ahead.filter((line) => line.trim() !== "");
    this.#ahead = [];
    return lines.length;
  }

  /** There is no key to recall a line with. */
  remember(_line: string): void {}

  /**
   * The signal of ^C may come later than lines that were typed after it, when this
   * process was held up. They are dropped too, which the console says: to run a line
   * that was to be dropped is worse.
   */
  interrupt(): void {
    if (this.#lent) return this.#lent.interrupt();
    this.#rest = ""; // the terminal dropped its part
    this.#options.write("\n"); // after the terminal's ^C
    if (this.#reading) this.#settle({ kind: "interrupt", wasEmpty: true });
    else this.#options.onKey("interrupt");
  }

  resized(): void {}

  close(): void {
    this.#input.off("data", this.#take);
    this.#input.off("end", this.#end);
    this.#input.pause();
    this.#settle({ kind: "end" });
  }

  readonly #take = (chunk: string) => {
    if (this.#asked) {
      if (!chunk.includes("\x03")) return this.#asked.type(chunk);
      this.#asked.withdraw();
      if (this.isBusy) this.#options.onKey("interrupt");
      return;
    }
    const lines = (this.#rest + chunk).split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) this.#line(line);
  };

  readonly #end = () => {
    this.#hasEnded = true;
    if (!this.#reading) return;
    this.#options.write("\n");
    this.#settle({ kind: "end" });
  };

  #line(text: string): void {
    if (!this.#reading) {
      const isAsking = this.isBusy && text === "" && this.#ahead.length === 0;
      if (isAsking) this.#options.onKey("enter");
      else this.#ahead.push(text);
    } else if (text.endsWith("\t")) {
      this.#list(text.trimEnd() + (/\S\t/.test(text) ? "" : " "));
    } else this.#settle({ kind: "line", text });
  }

  /** Lists the completions of a line, which must be typed again. */
  async #list(line: string): Promise<void> {
    let matches: readonly string[] = [];
    try {
      ({ matches } = await this.#options.complete(line));
    } catch {
      // Running the line reports the error.
    }
    const what = matches.map((match) => match.trim()).join("  ");
    if (!this.#reading) return;
    this.#options.write(`${what || "No completions"}\n`);
    this.#options.write(this.#prompt);
  }

  #settle(reading: Reading): void {
    const resolve = this.#reading;
    this.#reading = undefined;
    resolve?.(reading);
  }
}
