// Decodes UTF-8 that arrives in chunks. A byte that is not text becomes a lone
// surrogate of its own (Python's surrogateescape), so that different bytes are
// never equal texts. JSON and our escapes show it as \udcff.
import { joinBytes } from "../../join_bytes.ts";

/** How many code units one call of String.fromCharCode takes. */
const UNITS = 8192;

/** The first code unit for a byte; bytes from 0x80 on are escaped. */
const ESCAPED = 0xdc00;

/** Decodes one stream. */
export class ByteDecoder {
  readonly #strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  /** The start of a character whose other bytes have not come. */
  #held: Uint8Array = new Uint8Array(0);

  /** The text of the next bytes, as far as their characters are whole. */
  push(bytes: Uint8Array): string {
    const all = this.#held.length === 0
      ? bytes
      : joinBytes([this.#held, bytes]);
    const end = endOfCharacters(all);
    this.#held = all.slice(end);
    return this.#decode(all.subarray(0, end));
  }

  /** The text of the bytes that are still held. */
  end(): string {
    const rest = this.#held;
    this.#held = new Uint8Array(0);
    return this.#decode(rest);
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#strict.decode(bytes);
    } catch {
      return decodeEscaping(bytes);
    }
  }
}

/** Where a character starts that the next bytes may complete; else the end. */
function endOfCharacters(bytes: Uint8Array): number {
  const { length } = bytes;
  for (let at = length - 1; at >= Math.max(0, length - 3); at--) {
    const byte = bytes[at]!;
    if ((byte & 0xc0) === 0x80) continue;
    const isUnfinished = sizeOf(byte) > length - at &&
      (length - at < 2 || isSecond(byte, bytes[at + 1]!));
    return isUnfinished ? at : length;
  }
  return length;
}

function decodeEscaping(bytes: Uint8Array): string {
  const units = new Uint16Array(bytes.length);
  let count = 0;
  for (let at = 0; at < bytes.length;) {
    const size = characterAt(bytes, at);
    if (size === 0) {
      units[count++] = ESCAPED + bytes[at++]!;
      continue;
    }
    let code = size === 1 ? bytes[at]! : bytes[at]! & (0xff >> (size + 1));
    for (let i = 1; i < size; i++) code = code << 6 | bytes[at + i]! & 0x3f;
    if (code > 0xffff) {
      units[count++] = 0xd7c0 + (code >> 10);
      units[count++] = 0xdc00 + (code & 0x3ff);
    } else units[count++] = code;
    at += size;
  }
  let text = "";
  for (let at = 0; at < count; at += UNITS) {
    const end = Math.min(at + UNITS, count);
    text += String.fromCharCode(...units.subarray(at, end));
  }
  return text;
}

/** The size of the character that starts here; 0 when none does. */
function characterAt(bytes: Uint8Array, at: number): number {
  const size = sizeOf(bytes[at]!);
  if (size < 2) return size;
  if (at + size > bytes.length || !isSecond(bytes[at]!, bytes[at + 1]!)) {
    return 0;
  }
  for (let i = 2; i < size; i++) {
    if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  }
  return size;
}

/** The size that a first byte announces; 0 for a byte that is not a first one. */
function sizeOf(byte: number): number {
  if (byte < 0x80) return 1;
  if (byte < 0xc2 || byte > 0xf4) return 0;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

/** Whether a byte may be second: no overlong form, no surrogate, no code too high. */
function isSecond(first: number, second: number): boolean {
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  return second >= least && second <= most;
}
