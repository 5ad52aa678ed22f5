// Large messages: a body over `MAX_WHOLE` travels as a series of `Data` messages,
// so that urgent ones can pass between them (docs/protocol.md, Large messages).
// One series at a time in each direction, so that a peer can make us hold only one
// body.
import { decodeBody, encodeBody, type Envelope, isObject } from "./body.ts";
import { ByteBuffer } from "./byte_buffer.ts";
import { MAX_BODY, MAX_DATA } from "./limits.ts";
import type { Json } from "./message.ts";

// A body is JSON, in which only quotes and backslashes grow when it is written as
// a JSON string: to two bytes.
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

/** Joins the series that a peer sends. Unusable after an error. */
export class SeriesReader {
  #id = 0;
  #body: ByteBuffer | undefined;

  /** The number of bytes of an unfinished body that it holds. */
  get held(): number {
    return this.#body?.length ?? 0;
  }

  /**
   * Adds the data of a `Data` message. The last part of a series returns the
   * message that it carries.
   *
   * @throws {SyntaxError} when the series or its message cannot be read.
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
      throw new SyntaxError("Cannot read a series: one of its parts is empty");
    }
    if (this.#body && this.#id !== id) {
      throw new SyntaxError(
        "Cannot read a series: another started before it ended",
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
      throw new SyntaxError(
        "Cannot read a series: its body is part of a series",
      );
    }
    return message;
  }
}

function isInsideCharacter(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
