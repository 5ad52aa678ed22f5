// Lines as the terminal itself gives them, for screen readers and for terminals
// that cannot move a cursor: what was written is never changed, and not one
// control sequence is sent. The terminal edits; a line that ends in a tab lists
// what could follow.
import type { ReadStream } from "node:tty";
import { OpenQuestion, type TerminalQuestion } from "./entry.ts";
import type { EditorOptions, LineEditor, Reading } from "./line_editor.ts";

/** A terminal that lines are read from as they are. */
export class PlainEditor implements LineEditor {
  isBusy = false;
  readonly #options: Omit<EditorOptions, "width" | "history">;
  readonly #input: ReadStream;
  #reading: ((reading: Reading) => void) | undefined;
  #prompt = "";
  /** The begin of a line. */
  #rest = "";
  /** Lines for later. */
  #ahead: string[] = [];
  #hasEnded = false;
  #unprinted = "";
  /** Gets the keys for a question. */
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

  /** The next line has it. */
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

  /** The terminal has no key that would recall it. */
  remember(_line: string): void {}

  interrupt(): void {
    this.#rest = ""; // the terminal has dropped its part
    this.#options.write("\n"); // behind its ^C
    if (this.isBusy) this.#options.onKey("interrupt");
    else if (this.#reading) {
      this.#settle({ kind: "interrupt", wasEmpty: true });
    }
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

  /** Says what could follow a line, which is then to be typed anew. */
  async #list(line: string): Promise<void> {
    let matches: readonly string[] = [];
    try {
      ({ matches } = await this.#options.complete(line));
    } catch {
      // Running the line says what is wrong.
    }
    const what = matches.map((match) => match.trim()).join("  ");
    if (!this.#reading) return;
    this.#options.write(`${what || "Nothing is known that could follow"}\n`);
    this.#options.write(this.#prompt);
  }

  #settle(reading: Reading): void {
    const resolve = this.#reading;
    this.#reading = undefined;
    resolve?.(reading);
  }
}
