// How many hosts of a run are connected to at once. More at once make nothing faster
// where this process is what takes the time: each that is under way costs memory, and
// collecting garbage costs more. A host that takes long waits for something else (the
// network, its own login, or it is dead), and keeps no other one from starting.
import { startRoughTimer } from "../../async/rough_timer.ts";
import { Semaphore } from "../../async/semaphore.ts";

/** Hosts that each process connects to at once; half of them are in a handshake. */
const CONNECTING_EACH = 100;
/** A host that has taken longer, by up to a quarter of a second, does not count. */
const SLOW_MS = 500;

/** The hosts of one run that are being connected to. */
export class ConnectingHosts {
  readonly #places: Semaphore;
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
    let release: (() => void) | undefined;
    try {
      release = await this.#places.acquire("", signal);
    } catch {
      return () => {}; // it is cancelled
    }
    let stopTimer = () => {};
    const leave = () => {
      stopTimer();
      release?.();
      release = undefined;
    };
    stopTimer = startRoughTimer(leave, this.#slowMs);
    return leave;
  }
}
