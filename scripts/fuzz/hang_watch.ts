// Ends a process that hangs. What counts is its CPU time: a machine that has other things
// to do may let it wait for minutes.
import { useOf } from "../bench/process_use.ts";

/** How often it looks. */
const LOOK_MS = 5_000;
/** How much CPU time some inputs may take before one of them counts as a hang. */
const MOST_CPU_MS = 30_000;
/** How long they may take: a process that waits for ever uses no CPU time. */
const MOST_MS = 600_000;

/** Watches a process that says now and then that it goes on. */
export class HangWatch {
  readonly #timer: ReturnType<typeof setInterval>;
  #hasSpoken = true;
  #since = { ms: 0, cpuMs: 0 };
  #hasEnded = false;

  constructor(child: Deno.ChildProcess) {
    this.#timer = setInterval(() => void this.#look(child), LOOK_MS);
  }

  /** Whether it has ended the process. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The process goes on. */
  isAlive(): void {
    this.#hasSpoken = true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(child: Deno.ChildProcess): Promise<void> {
    // Where there is no /proc only the other bound holds.
    const { cpuMs } = await useOf(child.pid).catch(() => this.#since);
    const ms = performance.now();
    if (this.#hasSpoken) {
      this.#hasSpoken = false;
      this.#since = { ms, cpuMs };
    }
    const isOver = cpuMs - this.#since.cpuMs > MOST_CPU_MS ||
      ms - this.#since.ms > MOST_MS;
    if (!isOver || this.#hasEnded) return;
    this.#hasEnded = true;
    this.stop();
    child.kill("SIGKILL");
  }
}
