// Reads a host's output while a gate is opened there: our lines, which start with a
// sentinel, and the noise around them (banners, .bashrc). It accepts any split of
// the bytes, and never takes a byte after the last line.

import { GateError } from "../../errors.ts";
import { ByteBuffer } from "../../protocol/byte_buffer.ts";

/** The most that may come before the last of our lines, in bytes. */
export const MAX_NOISE = 64 * 1024;

/** One of our lines: `need`, or `fail The archive …`. */
export interface OpeningLine {
  word: string;
  /** The rest of the line; often empty. */
  text: string;
}

/**
 * Finds our lines in the output of one opening. Each byte is looked at once,
 * however the host has cut and repeated them.
 */
export class OpeningLines {
  readonly #sentinel: Uint8Array;
  readonly #last: string;
  readonly #buffer = new ByteBuffer();
  /** Where what was not taken yet begins. */
  #begin = 0;
  /** Where a sentinel begins after that; undefined until it is found. */
  #found: number | undefined;
  /** Up to where it, or the end of its line, was looked for. */
  #searched = 0;
  #noise = "";
  #ended = false;

  /** @param last The word of the last line; later bytes are left in `rest`. */
  constructor(nonce: string, last: string) {
    this.#sentinel = new TextEncoder().encode(`ftl-${nonce}-`);
    this.#last = last;
  }

  /** The output without our lines, decoded as UTF-8. */
  get noise(): string {
    return this.#ended ? this.#noise : this.#noise + decode(this.#left);
  }

  /** The bytes after the last line. */
  get rest(): Uint8Array {
    return this.#ended ? this.#left : new Uint8Array();
  }

  get #left(): Uint8Array {
    return this.#buffer.bytes.subarray(this.#begin);
  }

  /**
   * Takes the next bytes and returns the lines that they complete.
   *
   * @throws {GateError} when there is more than `MAX_NOISE` before the last line.
   */
  push(chunk: Uint8Array): OpeningLine[] {
    this.#buffer.append(chunk);
    const lines: OpeningLine[] = [];
    for (let line = this.#take(); line !== undefined; line = this.#take()) {
      lines.push(line);
    }
    if (!this.#ended && this.#buffer.length > MAX_NOISE) {
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
    this.#found ??= this.#findSentinel();
    if (this.#found === undefined) return undefined;
    const { bytes } = this.#buffer;
    const end = bytes.indexOf(0x0a, this.#searched);
    this.#searched = end < 0 ? bytes.length : end + 1;
    if (end < 0) return undefined;
    const body = this.#found + this.#sentinel.length;
    const line = decode(bytes.subarray(body, end)).replace(/\r$/, "");
    this.#noise += decode(bytes.subarray(this.#begin, this.#found));
    this.#begin = end + 1;
    this.#found = undefined;
    const space = line.indexOf(" ");
    const word = space < 0 ? line : line.slice(0, space);
    this.#ended = word === this.#last;
    return { word, text: space < 0 ? "" : line.slice(space + 1) };
  }

  #findSentinel(): number | undefined {
    const sentinel = this.#sentinel;
    const { bytes } = this.#buffer;
    const latest = bytes.length - sentinel.length;
    for (let at = this.#searched; at <= latest; at++) {
      at = bytes.indexOf(sentinel[0]!, at);
      if (at < 0 || at > latest) break;
      if (!sentinel.every((byte, i) => bytes[at + i] === byte)) continue;
      this.#searched = at + sentinel.length;
      return at;
    }
    this.#searched = Math.max(this.#searched, latest + 1);
    return undefined;
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
