// Reads the fields of an SSH message (RFC 4251, section 5). No field may reach past
// the end of the message, and nothing may follow the last field.

/** A message broke a rule of the protocol; its text is about "it", the host. */
export class WireViolation extends Error {
  override name = "WireViolation";
}

const ascii = new TextDecoder();

/** The fields of one message or of one string in it, in order. */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at: number;

  /** @param what the name of the message in errors: "its host key" */
  constructor(bytes: Uint8Array, what: string, start = 0) {
    this.#bytes = bytes;
    this.#what = what;
    this.#at = start;
  }

  /** A string of at most `maxBytes` bytes. */
  string(maxBytes: number): Uint8Array {
    const bytes = this.#bytes;
    if (bytes.length - this.#at < 4) this.#fail("ends too early");
    const view = new DataView(bytes.buffer, bytes.byteOffset + this.#at, 4);
    const length = view.getUint32(0);
    if (length > maxBytes) this.#fail(`has a field of ${length} bytes`);
    const start = this.#at + 4;
    if (length > bytes.length - start) this.#fail("ends too early");
    this.#at = start + length;
    return bytes.subarray(start, this.#at);
  }

  /** A string of printable ASCII. */
  text(maxBytes: number): string {
    const bytes = this.string(maxBytes);
    // Every host sends kilobytes of names: nothing is made for each byte.
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (byte < 0x20 || byte > 0x7e) {
        this.#fail("has a name that is not ASCII");
      }
    }
    return ascii.decode(bytes);
  }

  /** A positive mpint of at most `maxBits` bits, without needless zeros. */
  positive(maxBits: number): bigint {
    const bytes = this.string((maxBits >> 3) + 1);
    const [first, second] = bytes;
    if (first === undefined) this.#fail("has the number zero");
    if (first > 0x7f) this.#fail("has a negative number");
    if (first === 0 && (second === undefined || second < 0x80)) {
      this.#fail("has a number with needless zeros");
    }
    return toBigInt(bytes);
  }

  /** Skips bytes without reading them. */
  skip(count: number): void {
    this.#at += count;
  }

  /** @throws {WireViolation} unless all bytes have been read. */
  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0) this.#fail(`has ${left} bytes too many`);
    if (left < 0) this.#fail("ends too early");
  }

  #fail(reason: string): never {
    throw new WireViolation(`${this.#what} ${reason}`);
  }
}

/** The number in bytes, most significant first. */
export function toBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toHex()}`);
}

/** The number of bits of a positive number. */
export function bitLength(number: bigint): number {
  return number.toString(2).length;
}
