// The dialogue with sudo or doas on a terminal of the SSH server, for hosts
// whose login user has no Python: the one question for a password is answered.
// Nothing else crosses it; the command has pipes (docs/architecture.md).
import type { Exit, Stream } from "../../transport/transport.ts";

/** How long a line without an end must stand to be a question. */
const QUIET_MS = 300;

/** What elevate.py looks for as well. */
const EXPIRED = /new password|current password|old password|retype/i;
const OTHER = /verification|one-time|token|otp|passcode|code:| pin/i;

/** What the dialogue is about. */
export interface TerminalDialogueOptions {
  /** What our own question begins with. */
  readonly marker: string;
  readonly password: string | undefined;
  /** Told in the words of elevate.py that the command will not run. */
  readonly onReport: (word: string, text: string) => void;
}

/** Answers what is asked on a terminal until the command runs or ends. */
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
    this.#stdin.closed.catch(() => {}); // its end is told by the exit
    stream.stderr.cancel().catch(() => {}); // a terminal has one output
    const heard = this.#hear();
    this.exit = stream.exit.then(async (exit) => {
      await heard;
      return exit;
    });
  }

  /** What was said since the password was given. */
  get text(): string {
    return this.#text;
  }

  /** The command runs: whatever is asked from now on is its own matter. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  close(): void {
    this.end();
    this.#stream.close();
  }

  async #hear(): Promise<void> {
    const texts = this.#stream.stdout.pipeThrough(new TextDecoderStream());
    try {
      for await (const text of texts) {
        if (this.#isOver) continue;
        clearTimeout(this.#timer);
        this.#text = (this.#text + text).slice(-4096);
        if (this.#question.includes(this.#options.marker)) this.#answer();
        else this.#timer = setTimeout(() => this.#answer(), QUIET_MS);
      }
    } catch {
      // It broke, and the exit says so.
    }
    clearTimeout(this.#timer);
  }

  /** The line that has no end yet; stars stand for what is typed. */
  get #question(): string {
    const text = this.#text.replaceAll("\r", "\n");
    // An expression that looks for them takes time that grows with their square.
    let end = text.length;
    while (end > 0 && "* \b".includes(text[end - 1]!)) end--;
    return text.slice(text.lastIndexOf("\n", end - 1) + 1, end).trim();
  }

  #answer(): void {
    const question = this.#question;
    const { marker, password, onReport } = this.#options;
    if (question === "" || this.#isOver) return;
    const isOurs = question.includes(marker);
    const refuse = (word: string, text = "") => {
      this.#isOver = true;
      onReport(word, text);
    };
    if (!isOurs && EXPIRED.test(question)) return refuse("expired");
    if (!isOurs && OTHER.test(question)) return refuse("asks", question);
    if (this.#isAnswered) return refuse("wrong");
    if (!password) return refuse("unasked");
    this.#isAnswered = true;
    this.#text = "";
    this.#stdin.write(new TextEncoder().encode(`${password}\n`))
      .catch(() => {}); // its end is told by the exit
  }
}
