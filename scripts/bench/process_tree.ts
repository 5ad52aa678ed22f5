// The memory and CPU time of a process and of all that it started, while they run.
import { type ProcessUse, useOf } from "./process_use.ts";

/** How often processes are looked at. A peak is kept by the kernel. */
const INTERVAL_MS = 200;

/** What processes have used, all together. */
export interface TreeUse {
  readonly cpuMs: number;
  /** The sum of the processes' peaks, which need not be at the same time. */
  readonly peakBytes: number;
  readonly processes: number;
}

/** Watches a process and its descendants until it is told to end. */
export class ProcessTree {
  readonly #root: number;
  readonly #seen = new Map<number, ProcessUse>();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(root: number) {
    this.#root = root;
    this.#timer = setInterval(() => void this.#look(), INTERVAL_MS);
  }

  /** Ends the watch. A process counts as it was the last time it was seen. */
  end(): TreeUse {
    clearInterval(this.#timer);
    let [cpuMs, peakBytes] = [0, 0];
    for (const use of this.#seen.values()) {
      cpuMs += use.cpuMs;
      peakBytes += use.peakBytes;
    }
    return { cpuMs, peakBytes, processes: this.#seen.size };
  }

  async #look(): Promise<void> {
    const pids = [this.#root];
    for (const pid of pids) {
      try {
        const use = await useOf(pid);
        if (Number.isNaN(use.peakBytes)) continue; // it has just ended
        this.#seen.set(pid, use);
        pids.push(...await childrenOf(pid));
      } catch {
        // It has ended meanwhile.
      }
    }
  }
}

/** A process and its descendants. */
export async function treeOf(root: number): Promise<number[]> {
  const pids = [root];
  for (const pid of pids) pids.push(...await childrenOf(pid));
  return pids;
}

async function childrenOf(pid: number): Promise<number[]> {
  const all: number[] = [];
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
    const path = `/proc/${pid}/task/${name}/children`;
    all.push(
      ...(await Deno.readTextFile(path)).split(" ").filter(Boolean).map(Number),
    );
  }
  return all;
}
