// Joins small chunks of bytes: each chunk costs a packet and its encryption, or a
// write.

/**
 * Joins small chunks into pieces of a length, and passes large ones on unchanged.
 * The bytes of a joined piece stay valid until the piece after the next one is
 * read: one can be in use while the next is filled.
 */
export async function* rechunk(
  chunks: AsyncIterable<Uint8Array>,
  length: number,
): AsyncGenerator<Uint8Array, void> {
  let [buffer, other]: (Uint8Array | undefined)[] = [];
  let filled = 0;
  for await (const chunk of chunks) {
    const isLarge = chunk.length > length / 2;
    if (filled > 0 && (isLarge || filled + chunk.length > length)) {
      yield buffer!.subarray(0, filled);
      [buffer, other] = [other, buffer];
      filled = 0;
    }
    if (isLarge) yield chunk;
    else {
      buffer ??= new Uint8Array(length);
      buffer.set(chunk, filled);
      filled += chunk.length;
    }
  }
  if (filled > 0) yield buffer!.subarray(0, filled);
}
