// The way from a channel to a host: what is written is kept in order, joined to
// few writes, and held back until there is a stream to write to.

/** Pieces larger than this are written as they are, to spare the copy. */
const LARGE = 64 * 1024;

/** Bytes on their way to one host. */
export class Outgoing {
  readonly #writer = Promise.withResolvers<
    WritableStreamDefaultWriter<Uint8Array>
  >();
  #queue: Uint8Array[] = [];
  #writing: Promise<void> | undefined;
  #failed = false;
  #sent = 0;
  /** Told after each write that the stream has taken. */
  onProgress: (() => void) | undefined;

  /** How many bytes the stream has taken so far. */
  get bytesSent(): number {
    return this.#sent;
  }

  /** Adds bytes behind those that wait; resolves when the stream has taken all. */
  push(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#failed) return undefined;
    this.#queue.push(bytes);
    return this.#writing ??= this.#write();
  }

  /** Begins to write to `stdin`: `first`, then what was pushed until now. */
  start(stdin: WritableStream<Uint8Array>, first: readonly Uint8Array[]): void {
    const writer = stdin.getWriter();
    // A stream that breaks is noticed by whoever reads its other side.
    writer.closed.catch(() => {});
    this.#queue.unshift(...first);
    this.#writing ??= this.#write();
    this.#writer.resolve(writer);
  }

  /** Ends the stream behind what has been written. */
  async close(): Promise<void> {
    await this.#writing;
    try {
      await (await this.#writer.promise).close();
    } catch {
      // It broke before: there is nothing left to close.
    }
  }

  async #write(): Promise<void> {
    const writer = await this.#writer.promise;
    try {
      while (this.#queue.length > 0) {
        const batch = takeBatch(this.#queue);
        await writer.write(batch);
        this.#sent += batch.length;
        this.onProgress?.();
      }
    } catch {
      // The reader of the same stream's output sees its end and says why.
      this.#failed = true;
      this.#queue = [];
    } finally {
      this.#writing = undefined;
    }
  }
}

/** Takes the pieces that make the next write off the front of the queue. */
function takeBatch(queue: Uint8Array[]): Uint8Array {
  let count = 0;
  let length = 0;
  while (count < queue.length && length < LARGE) {
    if (count > 0 && queue[count]!.length > LARGE) break;
    length += queue[count++]!.length;
  }
  const parts = queue.splice(0, count);
  if (parts.length === 1) return parts[0]!;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
