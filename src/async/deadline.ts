// The one bound on waiting for a host. It ends when the caller's signal aborts
// or its time is up, whatever the host does. Every wait that races against it or
// uses its signal ends at the same moment.
import { onAbort } from "./abort.ts";
import { startRoughTimer } from "./rough_timer.ts";
import { type StartTimer, startTimer } from "./timer.ts";

/** A wait that is so long may end a little later: a host has several at a time. */
const LONG_MS = 10_000;

const start: StartTimer = (callback, ms) =>
  ms < LONG_MS ? startTimer(callback, ms) : startRoughTimer(callback, ms);

/** Ends waits by a signal or by time. Must be cleared after use. */
export class Deadline {
  /** Undefined once it was cleared: waits that it ended would stay in memory. */
  #end: PromiseWithResolvers<never> | undefined = Promise.withResolvers();
  #stopListening: (() => void) | undefined;
  #controller: AbortController | undefined;
  #reason: (() => Error) | undefined;
  #leftMs = 0;
  #startedAt = 0;
  #stopTimer: (() => void) | undefined;
  #pauses = 0;
  #expired = false;
  #error: { readonly reason: unknown } | undefined;

  /** @param outer ends it too, with its own reason */
  constructor(outer: AbortSignal) {
    // The rejection reaches those who race; without any, it is not unhandled.
    this.#end!.promise.catch(() => {});
    const abort = () => this.#finish(outer.reason);
    if (outer.aborted) abort();
    else this.#stopListening = onAbort(outer, abort);
  }

  /** Aborts when it ends. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#error) this.#controller.abort(this.#error.reason);
    }
    return this.#controller.signal;
  }

  /** Whether it ended because its time was up. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Ends all waits `ms` from now, with the error that `reason` returns. */
  set(ms: number, reason: () => Error): void {
    this.#stopTimer?.();
    this.#leftMs = ms;
    this.#reason = reason;
    if (this.#pauses === 0) this.#start();
  }

  /** Adds to the time that is left. */
  extend(ms: number): void {
    const resume = this.pause();
    this.#leftMs += ms;
    resume();
  }

  /** Stops the clock until the returned function is called. */
  pause(): () => void {
    if (this.#pauses++ === 0) {
      this.#stopTimer?.();
      this.#leftMs -= performance.now() - this.#startedAt;
    }
    return () => {
      if (--this.#pauses === 0) this.#start();
    };
  }

  /** Settles as the promise does; rejects when time or signal end the wait first. */
  race<T>(promise: PromiseLike<T>): Promise<T> {
    if (this.#end === undefined) return Promise.resolve(promise);
    return Promise.race([promise, this.#end.promise]);
  }

  /** Releases everything once the deadline has been met: it ends no wait any more. */
  clear(): void {
    this.#pauses = Infinity;
    this.#stopTimer?.();
    this.#stopListening?.();
    this.#stopTimer = this.#stopListening = this.#reason = undefined;
    // What it has ended stays ended.
    if (this.#error === undefined) this.#end = undefined;
  }

  #start(): void {
    const reason = this.#reason;
    if (reason === undefined || this.#error) return;
    this.#startedAt = performance.now();
    this.#stopTimer = start(() => {
      this.#expired = true;
      this.#finish(reason());
    }, Math.max(0, this.#leftMs)); // its time may have been up when it paused
  }

  #finish(reason: unknown): void {
    if (this.#error) return;
    this.#error = { reason };
    this.#stopTimer?.();
    this.#end?.reject(reason);
    this.#controller?.abort(reason);
  }
}

/** Settles as the promise does, or resolves to `instead` after `ms`. */
export async function within<T, U>(
  promise: PromiseLike<T>,
  options: { ms: number; instead: U },
): Promise<T | U> {
  const late = Promise.withResolvers<U>();
  const stop = start(() => late.resolve(options.instead), options.ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    stop();
  }
}

/** Resolves after `ms`; rejects with the signal's reason if it aborts first. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const slept = Promise.withResolvers<void>();
  const deadline = new Deadline(signal);
  const stop = startTimer(slept.resolve, ms);
  try {
    await deadline.race(slept.promise);
  } finally {
    stop();
    deadline.clear();
  }
}
