// Answers the password prompt of sudo or doas on a terminal of the SSH server, for
// hosts without Python. Nothing else goes through the terminal: the command has
// pipes (docs/architecture.md).
import type { Exit, Stream } from "../../transport/transport.ts";

/** How long a line without a newline must wait to count as a prompt. */
const QUIET_MS = 300;

/** Prompts for a new password; elevate.py has the same words. */
const EXPIRED = /new password|current password|old password|retype/i;
/** Prompts for something else; elevate.py has the same words. */
const OTHER = /verification|one-time|token|otp|passcode|code:| pin/i;

/** The options of a dialogue. */
export interface TerminalDialogueOptions {
  /** The start of the prompt that we set with `sudo -p`. */
  readonly marker: string;
  readonly password: string | undefined;
  /** Called with a report as elevate.py makes it: the command will not run. */
  readonly onReport: (word: string, text: string) => void;
}

/** Answers prompts on a terminal until the command runs or ends. */
export class TerminalDialogue {
  readonly exit: Promise<Exit>;
  readonly #stream: Stream;
  readonly #options: TerminalDialogueOptions;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  #isAnswered = false;
  #text = "";

  constructor(stream: Stream, options: TerminalDialogueOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#stdin = stream.stdin.getWriter();
    this.#stdin.closed.catch(() => {}); // the exit reports its end
    stream.stderr.cancel().catch(() => {}); // a terminal has one output
    const read = this.#read();
    this.exit = stream.exit.then(async (exit) => {
      await read;
      return exit;
    });
  }

  /** The output since the password was sent. */
  get text(): string {
    return this.#text;
  }

  /** Stops answering: the command runs, and later prompts are its own. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  close(): void {
    this.end();
    this.#stream.close();
  }

  async #read(): Promise<void> {
    const texts = this.#stream.stdout.pipeThrough(new TextDecoderStream());
    try {
      for await (const text of texts) {
        if (this.#isOver) continue;
        clearTimeout(this.#timer);
        this.#text = (this.#text + text).slice(-4096);
        if (this.#prompt.includes(this.#options.marker)) this.#answer();
        else this.#timer = setTimeout(() => this.#answer(), QUIET_MS);
      }
    } catch {
      // The terminal broke; the exit reports it.
    }
    clearTimeout(this.#timer);
  }

  /** The last line, without the stars that some programs print for typed keys. */
  get #prompt(): string {
    const text = this.#text.replaceAll("\r", "\n");
    // A regular expression would take quadratic time here.
    let end = text.length;
    while (end > 0 && "* \b".includes(text[end - 1]!)) end--;
    return text.slice(text.lastIndexOf("\n", end - 1) + 1, end).trim();
  }

  #answer(): void {
    const prompt = this.#prompt;
    const { marker, password, onReport } = this.#options;
    if (prompt === "" || this.#isOver) return;
    const isOurs = prompt.includes(marker);
    const refuse = (word: string, text = "") => {
      this.#isOver = true;
      // ^C ends the program. A terminal that closes may count as a wrong password.
      this.#stdin.write(new Uint8Array([3])).catch(() => {});
      onReport(word, text);
    };
    if (!isOurs && EXPIRED.test(prompt)) return refuse("expired");
    if (!isOurs && OTHER.test(prompt)) return refuse("asks", prompt);
    if (this.#isAnswered) return refuse("wrong");
    if (!password) return refuse("unasked");
    this.#isAnswered = true;
    this.#text = "";
    this.#stdin.write(new TextEncoder().encode(`${password}\n`))
      .catch(() => {}); // the exit reports its end
  }
}
