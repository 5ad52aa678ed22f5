// Writes text to a terminal in small parts, so that keys and signals are noticed
// between them: an interrupt ends a long print. Elsewhere text that comes in quick
// succession is written together, because writing costs more than a line does. That
// nobody reads any more is then noticed between texts, and ends what makes them.
import { othersTurn, type StartTimer, startTimer } from "../../async/timer.ts";
import type { TextWriter } from "../../output/renderer.ts";

/** What is written at a time, and what is left after an interrupt; in characters. */
const PART = 65_536;

/** How long text waits for more, where programs read it. */
const GATHER_MS = 20;

/** Where a printer writes. */
export interface PrinterOptions {
  readonly write: TextWriter;
  readonly isTerminal: boolean;
  readonly startTimer?: StartTimer;
}

/** Writes text in the order in which it was added. */
export class Printer {
  readonly #options: PrinterOptions;
  #texts: string[] = [];
  /** How many of them were taken. */
  #at = 0;
  #draining: Promise<void> | undefined;
  /** The length of what was gathered. */
  #gathered = 0;
  /** Set while text is gathered. */
  #stopTimer: (() => void) | undefined;
  /** Why text could not be written, when it was not the one just added. */
  #error: { readonly cause: unknown } | undefined;
  readonly #failure = new AbortController();

  constructor(options: PrinterOptions) {
    this.#options = options;
  }

  /** Aborts when text cannot be written that was added before; it is not retried. */
  get failed(): AbortSignal {
    return this.#failure.signal;
  }

  /**
   * Adds text: for the next `drain()` on a terminal. Elsewhere it is written at once
   * after a pause, and soon after other text.
   *
   * @throws what the writer throws, now or when it wrote gathered text.
   */
  add(text: string): void {
    const { write, isTerminal, startTimer: start = startTimer } = this.#options;
    if (this.#error !== undefined) throw this.#error.cause;
    if (!isTerminal && this.#stopTimer === undefined) {
      write(text);
      this.#stopTimer = start(() => this.#stopGathering(), GATHER_MS);
      return;
    }
    this.#texts.push(text);
    if (isTerminal) return;
    this.#gathered += text.length;
    if (this.#gathered >= PART) this.#writeGathered();
  }

  /** Writes what was gathered: something else is about to be written elsewhere. */
  flush(): void {
    try {
      this.#writeGathered();
    } catch (cause) {
      this.#fail(cause);
    }
  }

  /**
   * On a terminal: writes what was added.
   *
   * @throws what the writer throws.
   */
  async drain(signal: AbortSignal): Promise<void> {
    if (!this.#options.isTerminal) return;
    if (this.#draining === undefined && this.#texts.length === 0) return;
    this.#draining ??= this.#write(signal).catch((cause) => {
      this.#fail(cause);
      throw cause;
    }).finally(() => {
      this.#draining = undefined;
    });
    await this.#draining;
  }

  /**
   * Writes everything.
   *
   * @throws what the writer throws, now or before.
   */
  async end(signal: AbortSignal): Promise<void> {
    this.#stopGathering();
    if (this.#error !== undefined) throw this.#error.cause;
    await this.drain(signal);
  }

  /** The error is thrown at the next text, and at the end. */
  #fail(cause: unknown): void {
    this.#error = { cause };
    const reason = new DOMException("Output cannot be written", "AbortError");
    this.#failure.abort(reason);
  }

  #stopGathering(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.flush();
  }

  #writeGathered(): void {
    if (this.#gathered === 0) return;
    const text = this.#texts.join("");
    this.#texts = [];
    this.#gathered = 0;
    this.#options.write(text);
  }

  async #write(signal: AbortSignal): Promise<void> {
    const { write } = this.#options;
    let text = "";
    for (;;) {
      text += this.#next(PART - text.length);
      if (text === "") return;
      if (signal.aborted) text = this.#end(text);
      const end = endOfPart(text);
      write(text.slice(0, end));
      text = text.slice(end);
      if (text !== "" || this.#at < this.#texts.length) await othersTurn();
    }
  }

  /** The next texts: as many as make up this length, or one that is longer. */
  #next(length: number): string {
    let text = "";
    while (text.length < length && this.#at < this.#texts.length) {
      text += this.#texts[this.#at++];
    }
    if (this.#at < this.#texts.length) return text;
    this.#texts = [];
    this.#at = 0;
    return text;
  }

  /** The last lines of all that is left, after a note if it is long. */
  #end(first: string): string {
    const rest = [first, ...this.#texts.slice(this.#at)];
    this.#texts = [];
    this.#at = 0;
    let text = "";
    while (rest.length > 0 && text.length <= PART) {
      text = rest.pop()!.slice(-PART - 1) + text;
    }
    if (rest.length === 0 && text.length <= PART) return text;
    const start = text.indexOf("\n", text.length - PART) + 1;
    return "… the rest was not printed after ^C\n" + text.slice(start);
  }
}

/** The index after a part that ends with a line, if a line ends in it. */
function endOfPart(text: string): number {
  if (text.length <= PART) return text.length;
  const newline = text.lastIndexOf("\n", PART);
  if (newline >= 0) return newline + 1;
  return PART - ((text.codePointAt(PART - 1) ?? 0) > 0xffff ? 1 : 0);
}
