// The chunks that a worker has taken and not ended, and whether it may take more.
import type { JsMsg } from "@nats-io/jetstream";

/**
 * A worker that is about to begin this many hosts leaves chunks to others: more would
 * only wait in its memory, where the garbage collector looks at them again and again.
 */
const MOST_OPENING = 75;
/** A chunk counts as this many hosts before it is read. */
const UNREAD_HOSTS = 25;
/** For how long an unread chunk counts: its sender may be gone, or its body large. */
const UNREAD_MS = 1_000;

/** A chunk that is under way. */
export interface ActiveChunk {
  /** The latest delivery of its message. */
  message: JsMsg;
  readonly takenAt: number;
  /** Whether its hosts are under way. */
  isRead: boolean;
}

/** Chunks by run and number. */
export class ActiveChunks {
  readonly #chunks = new Map<string, ActiveChunk>();

  get size(): number {
    return this.#chunks.size;
  }

  get(key: string): ActiveChunk | undefined {
    return this.#chunks.get(key);
  }

  add(key: string, message: JsMsg): ActiveChunk {
    const chunk = { message, takenAt: performance.now(), isRead: false };
    this.#chunks.set(key, chunk);
    return chunk;
  }

  delete(key: string): void {
    this.#chunks.delete(key);
  }

  /** @param opening How many hosts of chunks that were read are about to begin. */
  mayOpenMore(opening: number): boolean {
    const since = performance.now() - UNREAD_MS;
    let hosts = opening;
    for (const { isRead, takenAt } of this.#chunks.values()) {
      if (!isRead && takenAt > since) hosts += UNREAD_HOSTS;
    }
    return hosts < MOST_OPENING;
  }
}
