// Reads lines from a terminal: node:readline, and what it lacks (^R, pasting as
// text, printing above the line, keys between lines). Knows nothing of hosts.
// Keys typed between lines are kept for the next line.
import readline from "node:readline";
import { Writable } from "node:stream";
import type { Completion } from "../lines/complete_line.ts";
import { OpenQuestion, type TerminalQuestion } from "./entry.ts";
import type { EditorOptions, LineEditor, Reading } from "./line_editor.ts";
import { type HandOver, LentTerminal } from "./lent_terminal.ts";
import {
  type HistorySearch,
  NEW_SEARCH,
  searchFor,
  searchOlder,
} from "../lines/history_search.ts";

interface Key {
  readonly sequence?: string;
  readonly name?: string;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
  readonly code?: string;
}

/** A key or a paste for the next line, and its text. */
interface KeyAhead {
  readonly type: () => void;
  readonly text: string;
}

type Completed = (error: null, result: [string[], string]) => void;

/** The parts of readline's interface that Node documents only in its source. */
interface Internals extends readline.Interface {
  line: string;
  cursor: number;
  history: string[];
  prevRows: number;
  /** False while several keys that arrived together are handled. */
  isCompletionEnabled: boolean;
  _ttyWrite(text: string | undefined, key: Key): void;
  _refreshLine(): void;
  _insertString(text: string): void;
}

// Bracketed paste (xterm's control sequences, "Bracketed Paste Mode").
const PASTE_ON = "\x1b[?2004h";
const PASTE_OFF = "\x1b[?2004l";
const MAX_HISTORY = 2000;
const RESUME_MS = 50;

/** The line editor of a terminal. */
export class Editor implements LineEditor {
  isBusy = false;
  readonly #options: EditorOptions;
  readonly #readline: Internals;
  readonly #output: Writable & { columns?: number };
  readonly #edit: (text: string | undefined, key: Key) => void;
  #reading: ((reading: Reading) => void) | undefined;
  #prompt = "";
  /** The last reading was a line, which runs now or is about to. */
  #hasLine = false;
  /** Keys for the next line. */
  #ahead: KeyAhead[] = [];
  /** Keys that wait for a completion; undefined if none is running. */
  #waiting: (() => void)[] | undefined;
  #pasted: string | undefined;
  #isPasteMark = false;
  #isClosed = false;
  /** The open question; it gets all keys. */
  #asked: OpenQuestion | undefined;
  /** Output to print after the question. */
  #unprinted = "";
  /** A program has the terminal. */
  #lent: LentTerminal | undefined;
  #search: { state: HistorySearch; line: string } | undefined;

  constructor(options: EditorOptions) {
    this.#options = options;
    this.#output = new Writable({
      decodeStrings: false,
      write: (chunk: string, _encoding, done) => {
        options.write(chunk);
        done();
      },
    });
    Object.defineProperty(this.#output, "columns", { get: options.width });
    this.#readline = readline.createInterface({
      input: options.input,
      output: this.#output,
      terminal: true,
      historySize: 0, // the history is kept here: its entries may have several lines
      completer: (line: string, done: Completed) => {
        this.#complete(line, done);
      },
    }) as Internals;
    this.#readline.history = options.history.slice(0, MAX_HISTORY);
    this.#edit = this.#readline._ttyWrite.bind(this.#readline);
    this.#readline._ttyWrite = (text, key) => this.#key(text, key ?? {});
    this.#readline.on(
      "line",
      (text: string) => this.#settle({ kind: "line", text }),
    );
    this.#readline.on("close", () => this.#settle({ kind: "end" }));
    options.write(PASTE_ON);
  }

  read(prompt: string): Promise<Reading> {
    const { promise, resolve } = Promise.withResolvers<Reading>();
    this.#reading = resolve;
    this.#prompt = prompt;
    this.#readline.setPrompt(prompt);
    if (!this.#asked) this.#readline.prompt();
    const ahead = this.#ahead;
    this.#ahead = [];
    for (const { type } of ahead) type();
    return promise;
  }

  changePrompt(prompt: string): void {
    if (prompt === this.#prompt) return;
    this.#prompt = prompt;
    if (this.#search !== undefined) return;
    this.#readline.setPrompt(prompt);
    if (this.#reading && !this.#asked) this.#readline._refreshLine();
  }

  print(text: string): void {
    const { write } = this.#options;
    if (this.#asked) this.#unprinted += text;
    else if (!this.#reading) write(text);
    else {
      write(this.#eraseText() + text);
      this.#readline._refreshLine();
    }
  }

  async ask(
    question: TerminalQuestion,
    write: (text: string) => void,
  ): Promise<string> {
    const asking = new OpenQuestion(question, write);
    const erase = this.#reading ? this.#eraseText() : "\r\x1b[2K";
    write(erase + question.above);
    asking.draw();
    this.#asked = asking;
    try {
      return await asking.answered;
    } finally {
      this.#asked = undefined;
      if (!asking.isAnswered) write("\n");
      write(this.#unprinted);
      this.#unprinted = "";
      if (this.#reading) this.#readline._refreshLine();
    }
  }

  readonly handOver: HandOver = async (use) => {
    const { write, input } = this.#options;
    write(PASTE_OFF);
    this.#readline.pause();
    input.setRawMode(false);
    this.#lent = new LentTerminal();
    try {
      return await this.#lent.use(
        use,
        () => this.#options.onKey("interrupt"),
      );
    } finally {
      this.#lent = undefined;
      if (!this.#isClosed) {
        input.setRawMode(true);
        this.#readline.resume();
        // Begins a row unless the program has ended its last one: blanks wrap.
        write(`${" ".repeat(this.#options.width() - 1)}\r${PASTE_ON}`);
      }
    }
  };

  dropAhead(): number {
    const text = this.#ahead.map(({ text }) => text).join("");
    this.#ahead = [];
    return text.split("\n").filter((line) => line.trim() !== "").length;
  }

  remember(line: string): void {
    const { history } = this.#readline;
    if (history[0] !== line) history.unshift(line);
    history.splice(MAX_HISTORY);
  }

  /** In raw mode ^C is a key; this one was sent by `kill`. */
  interrupt(): void {
    if (this.#lent) this.#lent.interrupt();
    else this.#key(undefined, { name: "c", ctrl: true });
  }

  resized(): void {
    if (this.#reading) this.#output.emit("resize");
  }

  resumed(): void {
    if (this.#isClosed) return;
    this.#options.input.setRawMode(true);
    this.#options.write(PASTE_ON);
    if (this.#asked) return this.#asked.draw();
    if (!this.#reading) return;
    this.#readline.prevRows = 0; // the shell wrote on the screen
    this.#readline._refreshLine();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#readline.close();
    this.#options.write(PASTE_OFF);
  }

  /** The control sequences that erase the current line from the screen. */
  #eraseText(): string {
    const rows = this.#readline.prevRows;
    this.#readline.prevRows = 0;
    return `\r${rows > 0 ? `\x1b[${rows}A` : ""}\x1b[J`;
  }

  #settle(reading: Reading): void {
    const resolve = this.#reading;
    this.#reading = undefined;
    this.#hasLine = reading.kind === "line";
    resolve?.(reading);
  }

  /**
   * Stops the process at any time, as ^Z does where it is a signal. Where no
   * shell could continue it (setpgid(2), orphaned process groups), the signal has
   * no effect and reports no error: there the timer fires immediately, elsewhere
   * when the process continues.
   */
  #suspend(): void {
    const warning = this.#options.stopWarning();
    if (warning !== "") this.#options.write(`\r\x1b[2K${warning}`);
    this.#options.write(PASTE_OFF);
    this.#options.input.setRawMode(false);
    Deno.kill(Deno.pid, "SIGTSTP");
    setTimeout(() => this.resumed(), RESUME_MS);
  }

  #key(text: string | undefined, key: Key): void {
    if (this.#paste(text, key)) return;
    if (key.ctrl && key.name === "z") return this.#suspend();
    const isInterrupt = key.ctrl === true && key.name === "c";
    if (this.#asked) {
      if (!isInterrupt) return this.#asked.type(key.sequence ?? text ?? "");
      this.#asked.withdraw();
      if (this.isBusy) this.#options.onKey("interrupt");
      return;
    }
    if (!this.#reading) {
      const isAsking = isEnter(key) && this.#ahead.length === 0;
      if (isInterrupt && this.#hasLine) this.#options.onKey("interrupt");
      else if (this.isBusy && isAsking) this.#options.onKey("enter");
      else {
        const type = () => this.#key(text, key);
        this.#ahead.push({ type, text: isEnter(key) ? "\n" : text ?? "" });
      }
    } else if (this.#waiting && !isInterrupt) {
      this.#waiting.push(() => this.#key(text, key));
    } else if (this.#search) {
      this.#searchKey(text, key);
    } else if (isInterrupt) {
      const wasEmpty = this.#readline.line === "";
      this.#options.write("^C\n");
      this.#waiting = undefined;
      this.#empty();
      this.#settle({ kind: "interrupt", wasEmpty });
    } else if (key.ctrl && key.name === "d" && this.#readline.line === "") {
      this.#options.write("\n");
      this.#settle({ kind: "end" });
    } else if (key.ctrl && key.name === "r") {
      this.#search = { state: NEW_SEARCH, line: this.#readline.line };
      this.#showSearch();
    } else {
      this.#readline.isCompletionEnabled = true;
      this.#edit(text, key);
    }
  }

  /** Keys that arrive until then wait; after ^C the completion is dropped. */
  async #complete(line: string, done: Completed): Promise<void> {
    const waiting: (() => void)[] = [];
    this.#waiting = waiting;
    let completion: Completion = { typed: "", matches: [] };
    try {
      completion = await this.#options.complete(line);
    } catch {
      // Running the line reports the error.
    }
    if (this.#waiting !== waiting) return done(null, [[], ""]);
    this.#waiting = undefined;
    done(null, [[...completion.matches], completion.typed]);
    for (const type of waiting) type();
  }

  /** Inserts a paste as text: its newlines run nothing, its tabs complete nothing. */
  #paste(text: string | undefined, key: Key): boolean {
    // Deno sends the last character of the paste mark as a separate key.
    if (this.#isPasteMark) {
      this.#isPasteMark = false;
      if (text === "~") return true;
    }
    if (key.code === "[200" || key.code === "[200~") {
      this.#isPasteMark = key.code === "[200";
      this.#pasted = "";
      return true;
    }
    if (this.#pasted === undefined) return false;
    if (key.code !== "[201" && key.code !== "[201~") {
      this.#pasted += isEnter(key) ? "\n" : text ?? "";
      return true;
    }
    this.#isPasteMark = key.code === "[201";
    const pasted = this.#pasted.replace(/\n+$/, "");
    this.#pasted = undefined;
    if (this.#asked) {
      this.#asked.type(pasted);
      return true;
    }
    const insert = () => this.#readline._insertString(pasted);
    if (this.#reading) insert();
    else this.#ahead.push({ type: insert, text: pasted });
    return true;
  }

  #searchKey(text: string | undefined, key: Key): void {
    const { history } = this.#readline;
    const { state, line } = this.#search!;
    const search = (next: HistorySearch) => {
      this.#search = { state: next, line };
      this.#showSearch();
    };
    if (key.ctrl && key.name === "r") {
      search(searchOlder(state, history));
    } else if (key.name === "backspace") {
      search(searchFor(state.query.slice(0, -1), history));
    } else if (text && !key.ctrl && !key.meta && !CONTROL.test(text)) {
      search(searchFor(state.query + text, history));
    } else {
      const gaveUp = key.name === "escape" ||
        (key.ctrl === true && /^[cg]$/.test(key.name ?? ""));
      const found = state.at === undefined ? undefined : history[state.at];
      this.#endSearch(gaveUp ? line : found ?? line);
      // Enter runs the line; any other key continues to edit it.
      if (isEnter(key)) this.#edit(text, key);
    }
  }

  #showSearch(): void {
    const { state, line } = this.#search!;
    const { history } = this.#readline;
    const isLost = state.query !== "" && state.at === undefined;
    this.#readline.setPrompt(
      `${isLost ? "not in the history" : "history"} "${state.query}": `,
    );
    this.#setLine(state.at === undefined ? line : history[state.at]!);
  }

  #endSearch(line: string): void {
    this.#search = undefined;
    this.#readline.setPrompt(this.#prompt);
    this.#setLine(line);
  }

  #setLine(line: string): void {
    this.#readline.line = line;
    this.#readline.cursor = line.length;
    this.#readline._refreshLine();
  }

  #empty(): void {
    this.#readline.line = "";
    this.#readline.cursor = 0;
    this.#readline.prevRows = 0;
  }
}

// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f]/;

function isEnter(key: Key): boolean {
  return key.name === "return" || key.name === "enter";
}
