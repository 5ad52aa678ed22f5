// The same bytes in other pieces: each piece costs a packet and an encryption,
// or a turn of the thread that writes it.

const LENGTH = 128 * 1024;

/**
 * Joins small chunks, and passes large ones on as they are. A piece is good
 * until the next one is asked for.
 */
export async function* inPieces(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  let buffer: Uint8Array | undefined;
  let length = 0;
  for await (const chunk of chunks) {
    const isLarge = chunk.length > LENGTH / 2;
    if (length > 0 && (isLarge || length + chunk.length > LENGTH)) {
      yield buffer!.subarray(0, length);
      length = 0;
    }
    if (isLarge) yield chunk;
    else {
      buffer ??= new Uint8Array(LENGTH);
      buffer.set(chunk, length);
      length += chunk.length;
    }
  }
  if (length > 0) yield buffer!.subarray(0, length);
}
