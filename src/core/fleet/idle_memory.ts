// Gives memory back where many gates are open. Opening one leaves twice as much
// garbage as the gate holds, and each call some. V8 collects it only when its heap has
// doubled, and neither V8 nor glibc returns pages that are used in part. So when all
// gates are open and idle, and again some time after calls, V8 collects and compacts,
// and glibc returns what is free.
import { type StartTimer, startTimer } from "../../async/timer.ts";

/** Fewer gates are not worth a pause. */
const MANY = 1_000;
/** How often it is checked whether the gates are idle. */
const LOOK_MS = 1_500;
/** The time between two collections. */
const REST_MS = 20_000;
/**
 * How far V8's heap has grown when it is collected again. Five calls on 10,000 gates
 * let it grow by 40%, all of it garbage.
 */
const GROWTH = 1.2;

/** A gate that is open. */
interface Used {
  /** The calls that wait for a reply. */
  readonly pending: number;
}

/** What gives memory back, and tells how much V8 holds. */
export interface HeapControl {
  /** Pauses for a tenth of a second for each thousand gates, or less. */
  collect(): Promise<void>;
  /** The size of V8's heap, with what is free in it. */
  heapBytes(): number;
  startTimer: StartTimer;
}

/** Watches the gates of a process. */
export class IdleMemory {
  readonly #heap: HeapControl;
  #isOn = false;
  readonly #gates = new Set<Used>();
  #isWatching = false;
  /** How many gates were opened since the last collection. */
  #opened = 0;
  /** The time since then, in ms. */
  #restedMs = 0;
  #heapBytes = 0;

  constructor(heap: HeapControl) {
    this.#heap = heap;
  }

  /** Lets it pause the process, which is ftl's own. */
  enable(): void {
    this.#isOn = true;
  }

  /** Counts a gate that has opened. */
  add(gate: Used): void {
    this.#gates.add(gate);
    this.#opened++;
    if (!this.#isOn || this.#gates.size < MANY || this.#isWatching) return;
    this.#isWatching = true;
    this.#look({ opened: this.#opened, isIdle: false });
  }

  /** Forgets a gate that has closed. */
  delete(gate: Used): void {
    this.#gates.delete(gate);
  }

  /** Looks again later, and collects when nothing has happened since `before`. */
  #look(before: { opened: number; isIdle: boolean }): void {
    this.#heap.startTimer(() => {
      this.#restedMs += LOOK_MS;
      if (this.#gates.size < MANY) {
        this.#isWatching = false;
        return;
      }
      const isIdle = this.#opened === before.opened &&
        this.#gates.values().every(({ pending }) => pending === 0);
      if (isIdle && before.isIdle && this.#isDue()) void this.#collect();
      this.#look({ opened: this.#opened, isIdle });
    }, LOOK_MS);
  }

  #isDue(): boolean {
    return this.#opened >= MANY || (this.#restedMs >= REST_MS &&
      this.#heap.heapBytes() > this.#heapBytes * GROWTH);
  }

  async #collect(): Promise<void> {
    this.#opened = 0;
    this.#restedMs = 0;
    await this.#heap.collect();
    this.#heapBytes = this.#heap.heapBytes();
  }
}

/** Gives memory back for the gates of this process. */
export const idleMemory = new IdleMemory({
  collect: collectGarbage,
  heapBytes: () => Deno.memoryUsage().heapTotal,
  startTimer,
});

async function collectGarbage(): Promise<void> {
  const { setFlagsFromString } = await import("node:v8");
  const { runInNewContext } = await import("node:vm");
  setFlagsFromString("--expose-gc"); // holds for contexts that are made later
  const collect = runInNewContext("globalThis.gc");
  collect?.({ type: "major", execution: "sync" });
  trimHeap();
}

/** malloc_trim(3) of glibc. */
function trimHeap(): void {
  if (Deno.build.os !== "linux") return;
  try {
    const libc = Deno.dlopen("libc.so.6", {
      malloc_trim: { parameters: ["usize"], result: "i32" },
    });
    libc.symbols.malloc_trim(0n);
    libc.close();
  } catch {
    // Another libc, or a program that may not call it: what is free stays.
  }
}
