// Listening for the end of an AbortSignal that many share. A platform's list of
// listeners is searched at each addition and removal, so one for each of ten
// thousand hosts would cost their square; here a signal has one listener,
// however many wait for it.

interface Watch {
  readonly callbacks: Set<() => void>;
  readonly onAbort: () => void;
}

const watches = new WeakMap<AbortSignal, Watch>();

/**
 * Calls back once when a signal, not aborted yet, aborts; what it returns
 * prevents that.
 */
export function onAbort(
  signal: AbortSignal,
  callback: () => void,
): () => void {
  const watch = watches.get(signal) ?? startWatch(signal);
  // The same function may wait twice.
  const entry = () => callback();
  watch.callbacks.add(entry);
  return () => {
    if (!watch.callbacks.delete(entry) || watch.callbacks.size > 0) return;
    // A signal made of others lives as long as somebody listens to it.
    signal.removeEventListener("abort", watch.onAbort);
    if (watches.get(signal) === watch) watches.delete(signal);
  };
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
