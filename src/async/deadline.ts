// A bound on waiting: what is raced against it ends when the caller's signal
// aborts or when nothing has happened for too long, whatever the host does.
import { onAbort } from "./abort.ts";

/** The longest that a timer takes, 24.8 days: beyond it, it would fire at once. */
export const LONGEST_MS = 2 ** 31 - 1;

/** Ends waits by a signal or by time. Must be cleared after use. */
export class Deadline {
  readonly #end = Promise.withResolvers<never>();
  readonly #deafen: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(signal: AbortSignal) {
    // Whoever races sees the rejection; nobody has to.
    this.#end.promise.catch(() => {});
    const abort = () => this.#end.reject(signal.reason);
    if (signal.aborted) abort();
    else this.#deafen = onAbort(signal, abort);
  }

  /** From now on waits end after `ms`, with the error that `reason` gives. */
  set(ms: number, reason: () => Error): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end.reject(reason()), ms);
  }

  /** What the promise gives; rejects when time or signal end the wait first. */
  race<T>(promise: PromiseLike<T>): Promise<T> {
    return Promise.race([promise, this.#end.promise]);
  }

  /** Lets go of the signal and the timer. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#deafen?.();
  }
}

/** What the promise gives, or `instead` when it takes longer than `ms`. */
export async function within<T, U>(
  promise: PromiseLike<T>,
  options: { ms: number; instead: U },
): Promise<T | U> {
  const late = Promise.withResolvers<U>();
  const timer = setTimeout(() => late.resolve(options.instead), options.ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
