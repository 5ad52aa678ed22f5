// Makes things fail, one after the other, and undoes each fault after a while.
import { pause } from "../../src/async/deadline.ts";
import type { Random } from "../random.ts";

/** Undoes something after this many ms, at the latest at the end. */
export type Later = (ms: number, undo: () => void | Promise<void>) => void;

/** How things fail. */
export interface FaultLoopOptions {
  readonly random: Random;
  /** The shortest and the longest time between two faults, in ms. */
  readonly pausesMs: readonly [number, number];
  /** Makes a fault; resolves to its name, or undefined when nothing happened. */
  readonly make: (later: Later) => Promise<string | undefined>;
}

/** Makes faults until it is stopped. */
export class FaultLoop {
  /** How often each fault has happened. */
  readonly counts: Record<string, number> = {};
  readonly #options: FaultLoopOptions;
  readonly #undo = new Set<() => Promise<void>>();
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(options: FaultLoopOptions) {
    this.#options = options;
    this.#done = this.#run();
  }

  /** Stops, and undoes every fault. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
    await Promise.all([...this.#undo].map((undo) => undo()));
  }

  async #run(): Promise<void> {
    const { random, pausesMs, make } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await pause(random.int(...pausesMs), signal).catch(() => {}); // the end
      if (signal.aborted) return;
      const name = await make((ms, undo) => this.#later(ms, undo));
      if (name !== undefined) this.counts[name] = (this.counts[name] ?? 0) + 1;
    }
  }

  #later(ms: number, undo: () => void | Promise<void>): void {
    let undone: Promise<void> | undefined;
    const once = () =>
      undone ??= (async () => {
        clearTimeout(timer);
        await undo();
        this.#undo.delete(once);
      })();
    const timer = setTimeout(once, ms);
    this.#undo.add(once);
  }
}
