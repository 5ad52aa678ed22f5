// Joins pieces of bytes. The buffer doubles as it grows, so that joining costs
// O(n) for any pieces. It allocates for bytes that have arrived, never for a
// length that a peer announced.

const FIRST = 4096;

/** A buffer that grows up to a limit. */
export class ByteBuffer {
  #bytes = new Uint8Array(0);
  #length = 0;
  readonly #limit: number;

  /** `limit`: the most bytes that it may hold. Default: no limit. */
  constructor(limit = Infinity) {
    this.#limit = limit;
  }

  /** How many bytes it holds. */
  get length(): number {
    return this.#length;
  }

  /** What it holds; the next `append()` may make this a stale copy. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /**
   * Adds a copy of `piece`.
   *
   * @throws {RangeError} when it would hold more than its limit.
   */
  append(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#limit) {
      throw new RangeError(
        `Cannot hold ${length} bytes: the limit is ${this.#limit}`,
      );
    }
    if (length > this.#bytes.length) {
      const room = Math.max(FIRST, length, 2 * this.#bytes.length);
      const grown = new Uint8Array(Math.min(room, this.#limit));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }

  /** Everything that was appended. The buffer must not be used afterwards. */
  take(): Uint8Array {
    return this.bytes;
  }
}
