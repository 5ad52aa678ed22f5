// Messages that wait to be written: frames (src/protocol/frame.ts) whose body is a
// line of JSON, and after it the bytes that the message carries. They are encoded
// into one buffer, because most are short and many are sent in one turn.

/** The digits of a frame's length. */
const DIGITS = 8;
const HEX = new TextEncoder().encode("0123456789abcdef");
const NEWLINE = 10;

/** The size of a new buffer; one that grew beyond `MAX_KEPT` is not used again. */
const START_BYTES = 4 * 1024;
const MAX_KEPT = 256 * 1024;

/** The most bytes that a UTF-16 code unit takes in UTF-8. */
const MOST_PER_UNIT = 3;

const encoder = new TextEncoder();

/** Encodes messages one after the other. */
export class MessageBuffer {
  #bytes = new Uint8Array(START_BYTES);
  /** The buffer that was taken last; it was written when another is taken. */
  #taken = new Uint8Array(START_BYTES);
  #length = 0;

  /** The bytes that wait. */
  get length(): number {
    return this.#length;
  }

  /** Adds a message as a frame. */
  add(text: string, bytes?: Uint8Array): void {
    const start = this.#length;
    this.#reserve(DIGITS);
    this.#length += DIGITS;
    this.addBody(text, bytes);
    let rest = this.#length - start - DIGITS;
    for (let at = start + DIGITS - 1; at >= start; at--) {
      this.#bytes[at] = HEX[rest & 15]!;
      rest >>>= 4;
    }
  }

  /** Adds the body of a message. */
  addBody(text: string, bytes?: Uint8Array): void {
    this.#reserve(text.length * MOST_PER_UNIT + 1 + (bytes?.length ?? 0));
    const rest = this.#bytes.subarray(this.#length);
    this.#length += encoder.encodeInto(text, rest).written;
    if (bytes === undefined) return;
    this.#bytes[this.#length++] = NEWLINE;
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Takes what waits; it is overwritten after the next call. */
  take(): Uint8Array {
    const taken = this.#bytes;
    const length = this.#length;
    this.#bytes = this.#taken.length > MAX_KEPT
      ? new Uint8Array(START_BYTES)
      : this.#taken;
    this.#taken = taken;
    this.#length = 0;
    return taken.subarray(0, length);
  }

  /** Drops what waits. */
  clear(): void {
    this.#length = 0;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
