// Reads a host's output while a gate is opened there: our lines, which start with a
// sentinel, and the noise around them (banners, .bashrc). It accepts any split of
// the bytes, and never takes a byte after the last line.

import { GateError } from "../../errors.ts";

/** The most noise that is skipped, in bytes. */
export const MAX_NOISE = 64 * 1024;

/** One of our lines: `need`, or `fail The archive …`. */
export interface OpeningLine {
  word: string;
  /** The rest of the line; often empty. */
  text: string;
}

/** Finds our lines in the output of one opening. */
export class OpeningLines {
  readonly #sentinel: string;
  readonly #last: string;
  #buffer = new Uint8Array();
  #noise = "";
  #ended = false;

  /** @param last The word of the last line; later bytes are left in `rest`. */
  constructor(nonce: string, last: string) {
    this.#sentinel = `ftl-${nonce}-`;
    this.#last = last;
  }

  /** The output without our lines, decoded as UTF-8. */
  get noise(): string {
    return this.#ended ? this.#noise : this.#noise + decode(this.#buffer);
  }

  /** The bytes after the last line. */
  get rest(): Uint8Array {
    return this.#ended ? this.#buffer : new Uint8Array();
  }

  /**
   * Takes the next bytes and returns the lines that they complete.
   *
   * @throws {GateError} when there is more noise than `MAX_NOISE`.
   */
  push(chunk: Uint8Array): OpeningLine[] {
    const buffer = new Uint8Array(this.#buffer.length + chunk.length);
    buffer.set(this.#buffer);
    buffer.set(chunk, this.#buffer.length);
    this.#buffer = buffer;
    const lines: OpeningLine[] = [];
    for (let line = this.#take(); line !== undefined; line = this.#take()) {
      lines.push(line);
    }
    if (
      !this.#ended && this.#noise.length + this.#buffer.length > MAX_NOISE
    ) {
      throw new GateError(
        `Cannot find our first line: the host has printed more than ${
          MAX_NOISE / 1024
        } KiB`,
        {
          phase: "python",
          hint:
            "Change .bashrc and similar files to print nothing without a terminal",
        },
      );
    }
    return lines;
  }

  /**
   * Finds the sentinel anywhere in a line, because noise may end without a newline.
   */
  #take(): OpeningLine | undefined {
    if (this.#ended) return undefined;
    // One character for each byte, so that text offsets are byte offsets.
    const text = new TextDecoder("latin1").decode(this.#buffer);
    const start = text.indexOf(this.#sentinel);
    const end = start < 0 ? -1 : text.indexOf("\n", start);
    if (end < 0) return undefined;
    const body = start + this.#sentinel.length;
    const line = decode(this.#buffer.subarray(body, end)).replace(/\r$/, "");
    this.#noise += decode(this.#buffer.subarray(0, start));
    this.#buffer = this.#buffer.subarray(end + 1);
    const space = line.indexOf(" ");
    const word = space < 0 ? line : line.slice(0, space);
    this.#ended = word === this.#last;
    return { word, text: space < 0 ? "" : line.slice(space + 1) };
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
