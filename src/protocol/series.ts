// Large messages: a body over `MAX_WHOLE` travels as a series of `Data` messages, so
// that what is urgent can pass between them (docs/protocol.md, Large messages).
// One series at a time in each direction: a peer can make us hold one body.
import { decodeBody, encodeBody, type Envelope, isObject } from "./body.ts";
import { ByteBuffer } from "./byte_buffer.ts";
import { MAX_BODY, MAX_DATA } from "./limits.ts";
import type { Json } from "./message.ts";

// In a body every byte is a character of JSON, of which only the quote and the
// backslash grow when they are written as a string: to two bytes.
const MAX_PART = (MAX_DATA - 64) / 2;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Yields the bodies of the series that carries `body`. */
export function* splitBody(
  body: Uint8Array,
  id: number,
): Generator<Uint8Array> {
  let start = 0;
  while (start < body.length) {
    let end = Math.min(start + MAX_PART, body.length);
    while (isInsideCharacter(body[end])) end--;
    const part = decoder.decode(body.subarray(start, end));
    yield encodeBody(["Data", { part, last: end === body.length }, id]);
    start = end;
  }
}

/** Joins the series that a peer sends. After an error it is of no use. */
export class SeriesReader {
  #id = 0;
  #body: ByteBuffer | undefined;

  /** How many bytes of an unfinished body it holds. */
  get held(): number {
    return this.#body?.length ?? 0;
  }

  /**
   * Takes the data of a `Data` message. Returns the message that the series
   * carries when this part is its last, else undefined.
   *
   * @throws {SyntaxError} when the series, or what it carries, cannot be read.
   */
  add(data: Json, id: number): Envelope | undefined {
    if (
      !isObject(data) || typeof data.part !== "string" ||
      typeof data.last !== "boolean"
    ) {
      throw new SyntaxError(
        "Cannot read a series: `part` is not a string or `last` not a boolean",
      );
    }
    if (data.part === "" && !data.last) {
      throw new SyntaxError("Cannot read a series: a part of it is empty");
    }
    if (this.#body && this.#id !== id) {
      throw new SyntaxError(
        "Cannot read a series: another began before it ended",
      );
    }
    this.#id = id;
    this.#body ??= new ByteBuffer(MAX_BODY);
    const part = encoder.encode(data.part);
    if (this.#body.length + part.length > MAX_BODY) {
      throw new SyntaxError(
        `Cannot read a series: its body has more than ${MAX_BODY} bytes`,
      );
    }
    this.#body.append(part);
    return data.last ? this.#finish() : undefined;
  }

  #finish(): Envelope {
    const message = decodeBody(this.#body?.take() ?? new Uint8Array(0));
    this.#body = undefined;
    if (message.id !== this.#id) {
      throw new SyntaxError("Cannot read a series: its body has another id");
    }
    if (message.type === "Data") {
      throw new SyntaxError("Cannot read a series: its body is a part of one");
    }
    return message;
  }
}

function isInsideCharacter(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
