// The bytes of messages.
const encoder = new TextEncoder();

/** A value as the bytes of a message; numbers keep their text. */
export function encodeNats(value: unknown): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify(value));
}
