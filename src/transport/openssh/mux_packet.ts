// The packets of OpenSSH's multiplexing socket: a length and a body
// (PROTOCOL.mux). In proxy mode the bodies are messages of the SSH connection
// protocol (RFC 4254) without encryption or padding.

/** Message numbers of RFC 4254, section 9. */
export const MESSAGE = {
  requestSuccess: 81,
  requestFailure: 82,
  channelOpen: 90,
  channelOpenConfirmation: 91,
  channelOpenFailure: 92,
  windowAdjust: 93,
  data: 94,
  extendedData: 95,
  eof: 96,
  close: 97,
  request: 98,
  success: 99,
  failure: 100,
} as const;

/** A value of a message: a number is sent as uint32, text or bytes as string. */
export type Field = number | boolean | string | Uint8Array;

/** The longest packet of the socket (CHANNEL_MUX_MAX_PACKET). */
const MAX_PACKET = 256 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Makes a packet: the bytes of `head`, then the fields. */
export function encodePacket(
  head: readonly number[],
  fields: readonly Field[],
): Uint8Array<ArrayBuffer> {
  const parts = fields.map((field) =>
    typeof field === "string" ? encoder.encode(field) : field
  );
  let length = head.length;
  for (const part of parts) {
    if (typeof part === "boolean") length += 1;
    else length += 4 + (typeof part === "number" ? 0 : part.length);
  }
  const packet = new Uint8Array(4 + length);
  const view = new DataView(packet.buffer);
  view.setUint32(0, length);
  packet.set(head, 4);
  let at = 4 + head.length;
  for (const part of parts) {
    if (typeof part === "boolean") {
      packet[at++] = part ? 1 : 0;
      continue;
    }
    const isNumber = typeof part === "number";
    view.setUint32(at, isNumber ? part : part.length);
    at += 4;
    if (isNumber) continue;
    packet.set(part, at);
    at += part.length;
  }
  return packet;
}

/** Makes a message of the connection protocol. */
export function encodeMessage(
  type: number,
  ...fields: Field[]
): Uint8Array<ArrayBuffer> {
  return encodePacket([0, type], fields);
}

/** Reads a body, field by field. */
export class Fields {
  readonly #body: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(body: Uint8Array) {
    this.#body = body;
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  }

  /** @throws {RangeError} when the body is too short; so do the others. */
  byte(): number {
    return this.#view.getUint8(this.#at++);
  }

  number(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  bytes(): Uint8Array {
    const length = this.number();
    if (this.#at + length > this.#body.length) {
      throw new RangeError(
        "Cannot read a packet: a field is longer than the packet",
      );
    }
    this.#at += length;
    return this.#body.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return decoder.decode(this.bytes());
  }
}

/**
 * Yields the body of each packet that arrives, as a buffer of its own.
 *
 * @throws {RangeError} when a packet is too long.
 */
export async function* readBodies(
  source: { read(into: Uint8Array): Promise<number | null> },
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let held = new Uint8Array(0);
  const chunk = new Uint8Array(64 * 1024);
  for (;;) {
    const count = await source.read(chunk);
    if (count === null) return;
    const joined = new Uint8Array(held.length + count);
    joined.set(held);
    joined.set(chunk.subarray(0, count), held.length);
    const view = new DataView(joined.buffer);
    let at = 0;
    while (joined.length - at >= 4) {
      const length = view.getUint32(at);
      if (length > MAX_PACKET) {
        throw new RangeError(`Cannot read a packet: it has ${length} bytes`);
      }
      if (joined.length - at - 4 < length) break;
      at += 4 + length;
      yield joined.subarray(at - length, at);
    }
    held = joined.subarray(at);
  }
}
