// The queue from a channel to a host: it keeps the order, joins small pieces into
// few writes, and holds bytes back until there is a stream to write to.

/** Larger pieces are written without joining, to avoid a copy. */
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
  /** Called after each write that the stream has taken. */
  onProgress: (() => void) | undefined;

  /** How many bytes the stream has taken so far. */
  get bytesSent(): number {
    return this.#sent;
  }

  /** Adds bytes to the queue; resolves when the stream has taken all of it. */
  push(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#failed) return undefined;
    this.#queue.push(bytes);
    return this.#writing ??= this.#write();
  }

  /** Starts to write to `stdin`: first `first`, then what was pushed until now. */
  start(stdin: WritableStream<Uint8Array>, first: readonly Uint8Array[]): void {
    const writer = stdin.getWriter();
    // The reader of the stream's output reports a broken stream.
    writer.closed.catch(() => {});
    this.#queue.unshift(...first);
    this.#writing ??= this.#write();
    this.#writer.resolve(writer);
  }

  /** Ends the stream after everything was written. */
  async close(): Promise<void> {
    await this.#writing;
    try {
      await (await this.#writer.promise).close();
    } catch {
      // It is already broken: there is nothing to close.
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
      // The reader of the stream's output reports why it ended.
      this.#failed = true;
      this.#queue = [];
    } finally {
      this.#writing = undefined;
    }
  }
}

/** Removes the pieces of the next write from the front of the queue. */
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
