// The terminal of the process, whatever stdin and stdout are. It has one reader,
// so that questions and keys during a run do not take each other's input. Its
// settings are restored however the process ends.
import { escapeStray } from "../../output/escape.ts";
import {
  OpenQuestion,
  type TerminalQuestion,
} from "../../console/terminal/entry.ts";

/** The process's terminal. */
export class Tty {
  #file: Deno.FsFile | undefined;
  #isAbsent = false;
  /** Takes what is typed in answer to a question. */
  #asked: ((keys: string) => void) | undefined;
  #onEnter: (() => void) | undefined;
  #isReading = false;
  readonly #isDumb: boolean;

  /** @param options `isDumb`: lines on it cannot be redrawn. */
  constructor({ isDumb }: { isDumb: boolean }) {
    this.#isDumb = isDumb;
  }

  /** False for a process without a terminal: cron, CI, a service. */
  get isThere(): boolean {
    return this.#open() !== undefined;
  }

  /**
   * Asks one question and reads a line. One question at a time.
   *
   * @throws the signal's reason, when it aborts first.
   */
  async ask(question: TerminalQuestion): Promise<string> {
    const file = this.#open()!;
    const write = (text: string) =>
      file.writeSync(encoder.encode(escapeStray(text)));
    // Clears what is drawn in the row of the cursor.
    const row = this.#isDumb ? "" : "\r\x1b[2K";
    const asking = new OpenQuestion(question, write);
    const show = () => {
      // ^C and ^Z stay signals.
      file.setRaw(true, { cbreak: true });
      write(row);
      asking.draw();
    };
    const restore = () => file.setRaw(false);
    const stop = () => {
      restore();
      asking.clear(); // the terminal dropped an unknown part of the input
      Deno.kill(Deno.pid, "SIGSTOP");
    };
    addEventListener("unload", restore);
    Deno.addSignalListener("SIGTSTP", stop);
    Deno.addSignalListener("SIGCONT", show);
    try {
      write(row + question.above);
      show();
      this.#asked = (keys) => asking.type(keys);
      this.#read().catch((error) => asking.withdraw(error));
      return await asking.answered;
    } finally {
      this.#asked = undefined;
      restore();
      if (!asking.isAnswered) write("\r\n");
      Deno.removeSignalListener("SIGTSTP", stop);
      Deno.removeSignalListener("SIGCONT", show);
      removeEventListener("unload", restore);
    }
  }

  /**
   * Calls back at each Enter while no question is open.
   *
   * @returns a function that stops watching.
   */
  watchEnter(callback: () => void): () => void {
    if (!this.isThere) return () => {};
    this.#onEnter = callback;
    // A terminal that disappears ends the run by SIGHUP.
    this.#read().catch(() => {});
    return () => {
      this.#onEnter = undefined;
    };
  }

  #open(): Deno.FsFile | undefined {
    if (this.#file !== undefined || this.#isAbsent) return this.#file;
    try {
      this.#file = Deno.openSync("/dev/tty", { read: true, write: true });
    } catch {
      this.#isAbsent = true; // whatever the reason, ftl cannot ask
    }
    return this.#file;
  }

  /** Reads while there is a question or a watcher; a pending read cannot be cancelled. */
  async #read(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      const buffer = new Uint8Array(1024);
      const decoder = new TextDecoder();
      while (this.#asked || this.#onEnter && await isInForeground()) {
        const count = await this.#file!.read(buffer);
        if (count === null) {
          this.#asked?.("\x04");
          return;
        }
        const keys = decoder.decode(buffer.subarray(0, count), {
          stream: true,
        });
        if (this.#asked) this.#asked(keys);
        else if (keys.includes("\n")) this.#onEnter?.();
      }
    } finally {
      this.#isReading = false;
    }
  }
}

const encoder = new TextEncoder();

/**
 * Compares our process group with that of the terminal (proc(5), /proc/pid/stat):
 * a background process that reads is stopped. Without /proc, the answer is no,
 * and Enter is not watched.
 */
async function isInForeground(): Promise<boolean> {
  try {
    const stat = await Deno.readTextFile("/proc/self/stat");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [, , group, , , terminalGroup] = fields;
    return group === terminalGroup;
  } catch {
    return false;
  }
}
