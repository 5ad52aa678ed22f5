// Frames: the length of a body as eight lowercase hexadecimal digits, then the
// body (docs/protocol.md, Frames). Decoding yields the same bodies for any split
// of the stream, and costs O(n).
import { ByteBuffer } from "./byte_buffer.ts";
import { MAX_BODY } from "./limits.ts";

const DIGITS = 8;
const SHOWN = 60;
const ZERO = 0x30;
const NINE = 0x39;
const A = 0x61;
const F = 0x66;

/**
 * Puts a body into a frame.
 *
 * @throws {RangeError} when the body is longer than `MAX_BODY`.
 */
export function encodeFrame(body: Uint8Array): Uint8Array {
  if (body.length > MAX_BODY) {
    throw new RangeError(
      `Cannot make a frame: its body has ${body.length} bytes, more than ${MAX_BODY}`,
    );
  }
  const frame = new Uint8Array(DIGITS + body.length);
  let rest = body.length;
  for (let at = DIGITS - 1; at >= 0; at--) {
    const digit = rest & 15;
    frame[at] = digit < 10 ? ZERO + digit : A + digit - 10;
    rest >>>= 4;
  }
  frame.set(body, DIGITS);
  return frame;
}

/** Splits a stream into the bodies of its frames. Unusable after an error. */
export class FrameDecoder {
  #digits = 0;
  #length = 0;
  #body: ByteBuffer | undefined;
  #error: SyntaxError | undefined;

  /** How many frames had no body. */
  skipped = 0;

  /** The number of bytes of an unfinished body that it holds. */
  get held(): number {
    return this.#body?.length ?? 0;
  }

  /**
   * Yields the bodies that `chunk` completes, except empty ones.
   *
   * It must be iterated to its end before the next push. A body that is whole in
   * `chunk` is a view of it: read it before `chunk` is reused.
   *
   * @throws {SyntaxError} after earlier bodies, at a length that is not eight
   *   lowercase hexadecimal digits, or above `MAX_BODY`.
   */
  *push(chunk: Uint8Array): Generator<Uint8Array, void, void> {
    if (this.#error) throw this.#error;
    let at = 0;
    while (at < chunk.length) {
      if (this.#digits < DIGITS) {
        this.#readDigit(chunk, at++);
        continue;
      }
      const end = at + this.#length - this.held;
      if (this.#body === undefined && end <= chunk.length) {
        this.#digits = 0;
        yield chunk.subarray(at, end);
      } else {
        this.#body ??= new ByteBuffer(this.#length);
        this.#body.append(chunk.subarray(at, end));
        if (this.#body.length < this.#length) return;
        const body = this.#body.take();
        this.#body = undefined;
        this.#digits = 0;
        yield body;
      }
      at = end;
    }
  }

  /**
   * Checks that the stream may end here.
   *
   * @throws {SyntaxError} when it ends inside a frame.
   */
  end(): void {
    if (this.#error) throw this.#error;
    if (this.#digits === 0) return;
    const where = this.#digits < DIGITS
      ? "inside its length"
      : `after ${this.held} of its ${this.#length} bytes`;
    this.#fail(`Cannot read a frame: the input ended ${where}`);
  }

  #readDigit(chunk: Uint8Array, at: number): void {
    if (this.#digits === 0) this.#length = 0;
    const code = chunk[at] ?? 0;
    if (code >= ZERO && code <= NINE) {
      this.#length = this.#length * 16 + code - ZERO;
    } else if (code >= A && code <= F) {
      this.#length = this.#length * 16 + code - A + 10;
    } else {
      const before = this.#length.toString(16).padStart(this.#digits, "0");
      const digits = this.#digits === 0 ? "" : before;
      const shown = digits + latin1(chunk.subarray(at, at + SHOWN));
      this.#fail(
        `Cannot read a frame: its length is not eight lowercase hexadecimal digits: ${
          JSON.stringify(shown)
        }`,
      );
    }
    this.#digits++;
    if (this.#digits < DIGITS) return;
    if (this.#length > MAX_BODY) {
      this.#fail(
        `Cannot read a frame: its body has ${this.#length} bytes, more than ${MAX_BODY}`,
      );
    }
    if (this.#length > 0) return;
    this.#digits = 0;
    this.skipped++;
  }

  #fail(message: string): never {
    this.#error = new SyntaxError(message);
    throw this.#error;
  }
}

/** Noise as text: one character for each byte, so that no byte is lost. */
function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
