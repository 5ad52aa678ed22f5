// How many hosts of a run are connected to at once. More at once make nothing faster
// where this process is what takes the time: each that is under way costs memory, and
// collecting garbage costs more. A host that takes long waits for something else (the
// network, its own login, or it is dead), and keeps no other one from starting.
import { Semaphore } from "../../async/semaphore.ts";
import { startTimer } from "../../async/timer.ts";

/** Hosts that each process connects to at once; half of them are in a handshake. */
const CONNECTING_EACH = 100;
/** A host that has taken longer does not count any more. */
const SLOW_MS = 500;

/** A host that is being connected to. */
interface Connecting {
  readonly dueAt: number;
  readonly release: () => void;
}

/** The hosts of one run that are being connected to. */
export class ConnectingHosts {
  readonly #places: Semaphore;
  /** The oldest first. */
  readonly #hosts = new Set<Connecting>();
  #stopTimer: (() => void) | undefined;

  readonly #slowMs: number;

  /**
   * @param options `processes`: how many connect to hosts; `slowMs`: when a host has
   * taken long, by default after 500 ms.
   */
  constructor(
    { processes, slowMs = SLOW_MS }: { processes: number; slowMs?: number },
  ) {
    this.#slowMs = slowMs;
    const total = CONNECTING_EACH * processes;
    this.#places = new Semaphore({ perKey: Infinity, total });
  }

  /**
   * Waits until a host may be connected to, or the signal aborts. Call the returned
   * function when it is connected, or has a result; more than once does no harm.
   */
  async start(signal: AbortSignal): Promise<() => void> {
    let release;
    try {
      release = await this.#places.acquire("", signal);
    } catch {
      return () => {}; // it is cancelled
    }
    const host = { dueAt: performance.now() + this.#slowMs, release };
    this.#hosts.add(host);
    this.#stopTimer ??= startTimer(() => this.#leaveSlow(), this.#slowMs);
    return () => this.#leave(host);
  }

  #leave(host: Connecting): void {
    if (!this.#hosts.delete(host)) return;
    host.release();
    if (this.#hosts.size > 0) return;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #leaveSlow(): void {
    this.#stopTimer = undefined;
    const now = performance.now();
    for (const host of this.#hosts) {
      if (host.dueAt <= now) this.#leave(host);
      else {
        const leftMs = host.dueAt - now;
        this.#stopTimer ??= startTimer(() => this.#leaveSlow(), leftMs);
        return;
      }
    }
  }
}
