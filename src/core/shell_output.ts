// One output of a shell command: text from behind the sentinel on, up to a
// limit; what is beyond is read, counted and dropped, so that nothing blocks.
import { OpeningLines } from "../gate/opening_lines.ts";
import { cutMark } from "./result.ts";

/** How an output is read. */
export interface ShellOutputOptions {
  nonce: string;
  /** How many bytes are kept. */
  limit: number;
  /** Told text as it comes, as far as it is kept. */
  onText: (text: string) => void;
}

/** Reads one output of a command. */
export class ShellOutput {
  /** Settles at the end of the output. Never rejects. */
  readonly ended: Promise<void>;
  /** Resolves when the sentinel has come; rejects when too much came before. */
  readonly begun: Promise<void>;
  readonly #begin = Promise.withResolvers<void>();
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #options: ShellOutputOptions;
  readonly #lines: OpeningLines;
  readonly #decoder = new TextDecoder();
  #hasBegun = false;
  #parts: string[] = [];
  #kept = 0;
  #cut = 0;
  #lastAt = performance.now();

  constructor(
    stream: ReadableStream<Uint8Array>,
    options: ShellOutputOptions,
  ) {
    this.#reader = stream.getReader();
    this.#options = options;
    this.#lines = new OpeningLines(options.nonce, "sh");
    this.begun = this.#begin.promise;
    this.begun.catch(() => {});
    this.ended = this.#read();
  }

  /** What came before the sentinel, or all of it where none came. */
  get noise(): string {
    return this.#lines.noise;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The text, with a mark where more was left out. */
  get text(): string {
    const text = this.#parts.join("");
    return this.#cut === 0 ? text : text + cutMark(this.#cut);
  }

  /** For how long nothing has come, in milliseconds. */
  get quietMs(): number {
    return performance.now() - this.#lastAt;
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        this.#lastAt = performance.now();
        this.#take(value);
      }
    } catch {
      // An output that breaks is one that ends; how is the exit's matter.
    }
    if (this.#cut === 0) this.#say(this.#decoder.decode());
    this.#begin.resolve();
  }

  #take(chunk: Uint8Array): void {
    if (this.#hasBegun) return this.#keep(chunk);
    try {
      if (this.#lines.push(chunk).length === 0) return;
    } catch (error) {
      this.#begin.reject(error);
      throw error;
    }
    this.#hasBegun = true;
    this.#begin.resolve();
    this.#keep(this.#lines.rest);
  }

  #keep(bytes: Uint8Array): void {
    const kept = bytes.subarray(0, this.#options.limit - this.#kept);
    this.#kept += kept.length;
    this.#cut += bytes.length - kept.length;
    if (kept.length === 0) return;
    this.#say(this.#decoder.decode(kept, { stream: this.#cut === 0 }));
  }

  #say(text: string): void {
    if (text === "") return;
    this.#parts.push(text);
    this.#options.onText(text);
  }
}
