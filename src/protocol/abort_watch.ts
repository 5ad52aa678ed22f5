// Which requests an AbortSignal ends. One listener for each signal, however
// many requests share it: listeners are a list that the platform searches, so
// one for each of ten thousand calls would cost their square.

interface Entry {
  readonly ids: Set<number>;
  readonly onAbort: () => void;
}

/** Tells which ids to end when the signal they were given with aborts. */
export class AbortWatch {
  readonly #entries = new Map<AbortSignal, Entry>();
  readonly #onAbort: (id: number, reason: unknown) => void;

  constructor(onAbort: (id: number, reason: unknown) => void) {
    this.#onAbort = onAbort;
  }

  /** Watches a signal, not aborted yet, for `id`. */
  add(signal: AbortSignal, id: number): void {
    const known = this.#entries.get(signal);
    if (known) {
      known.ids.add(id);
      return;
    }
    const ids = new Set([id]);
    const onAbort = () => {
      for (const each of ids) this.#onAbort(each, signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    this.#entries.set(signal, { ids, onAbort });
  }

  /** Stops watching a signal for `id`. */
  remove(signal: AbortSignal, id: number): void {
    const entry = this.#entries.get(signal);
    if (!entry?.ids.delete(id) || entry.ids.size > 0) return;
    signal.removeEventListener("abort", entry.onAbort);
    this.#entries.delete(signal);
  }

  /** Stops watching all signals. */
  clear(): void {
    for (const [signal, { onAbort }] of this.#entries) {
      signal.removeEventListener("abort", onAbort);
    }
    this.#entries.clear();
  }
}
