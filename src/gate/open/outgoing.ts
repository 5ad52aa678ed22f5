// The queue from a channel to a host: it keeps the order, joins small pieces into
// few writes, and holds bytes back until there is an input to write to.
import type { StreamInput } from "../../transport/transport.ts";

/** Larger pieces are written without joining, to avoid a copy. */
const LARGE = 64 * 1024;

/** Bytes on their way to one host. */
export class Outgoing {
  #input: StreamInput | undefined;
  /** Called when there is an input; defined while bytes wait for one. */
  #onInput: (() => void) | undefined;
  #queue: Uint8Array[] = [];
  #writing: Promise<void> | undefined;
  #failed = false;
  #sent = 0;
  /** Called after each write that the input has taken. */
  onProgress: (() => void) | undefined;

  /** How many bytes the input has taken so far. */
  get bytesSent(): number {
    return this.#sent;
  }

  /** Adds bytes to the queue; resolves when the input has taken all of it. */
  push(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#failed) return undefined;
    this.#queue.push(bytes);
    return this.#writing ??= this.#write();
  }

  /** Starts to write to `input`: first `first`, then what was pushed until now. */
  start(input: StreamInput, first: readonly Uint8Array[]): void {
    this.#queue.unshift(...first);
    this.#input = input;
    this.#onInput?.();
    this.#onInput = undefined;
    this.#writing ??= this.#write();
  }

  /** Ends the input after everything was written. */
  async close(): Promise<void> {
    await this.#writing;
    this.#input?.end();
  }

  async #write(): Promise<void> {
    // What is pushed in the same turn goes into the same write.
    await (this.#input ?? new Promise<void>((start) => this.#onInput = start));
    try {
      while (this.#queue.length > 0) {
        const batch = takeBatch(this.#queue);
        await this.#input!.write(batch);
        this.#sent += batch.length;
        this.onProgress?.();
      }
    } catch {
      // The reader of the process's output reports why it ended.
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
