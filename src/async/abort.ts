// Listening for the abort of a shared AbortSignal. The platform searches its
// list of listeners at each addition and removal, which is quadratic for ten
// thousand hosts; here a signal has one listener, however many callbacks wait.

/** A signal that never aborts. */
export const NEVER: AbortSignal = new AbortController().signal;

interface Watch {
  readonly callbacks: Set<() => void>;
  readonly onAbort: () => void;
}

const watches = new WeakMap<AbortSignal, Watch>();

/**
 * Calls back once when a signal that has not aborted yet aborts. The returned
 * function cancels the callback.
 */
export function onAbort(
  signal: AbortSignal,
  callback: () => void,
): () => void {
  const watch = watches.get(signal) ?? startWatch(signal);
  // The same function may be added twice.
  const entry = () => callback();
  watch.callbacks.add(entry);
  return () => {
    if (!watch.callbacks.delete(entry) || watch.callbacks.size > 0) return;
    // A signal made by AbortSignal.any() is kept alive by its listener.
    signal.removeEventListener("abort", watch.onAbort);
    if (watches.get(signal) === watch) watches.delete(signal);
  };
}

/**
 * Waits for a promise until the signal aborts.
 *
 * @throws the signal's reason when it aborts first.
 */
export async function untilAbort<T>(
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  if (signal.aborted) promise.catch(() => {}); // it is not waited for
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const forget = onAbort(signal, () => aborted.reject(signal.reason));
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    forget();
  }
}

function startWatch(signal: AbortSignal): Watch {
  const callbacks = new Set<() => void>();
  const onAbort = () => {
    watches.delete(signal);
    for (const callback of callbacks) callback();
  };
  const watch = { callbacks, onAbort };
  signal.addEventListener("abort", onAbort, { once: true });
  watches.set(signal, watch);
  return watch;
}
