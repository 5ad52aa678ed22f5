// What a chaos run does to workers, the NATS server and the cables between them. Every
// fault is undone after a while, and all of them at the end.
import type { Random } from "../../random.ts";
import { signal } from "../processes.ts";
import type { NatsSites, Site } from "./nats_sites.ts";
import type { WorkerProcess } from "./worker_process.ts";

/** What can fail. */
export interface NatsScene {
  readonly sites: NatsSites;
  readonly workers: readonly WorkerProcess[];
}

interface Choice extends NatsScene {
  readonly worker: WorkerProcess;
  readonly site: Site;
  /** What happens to the server, so that it is killed once at a time. */
  readonly serverState: { isDown: boolean };
  /** Undoes something after a time from 0 to this many ms. */
  later(most: number, undo: () => void | Promise<void>): void;
}

/** Makes one thing fail; false when there was nothing to it here. */
type Fault = (choice: Choice) => Promise<boolean> | boolean;

const FAULTS: Readonly<Record<string, Fault>> = {
  "a worker is killed": (choice) => endWorker(choice, "SIGKILL"),
  "a worker is killed, and started at once": (choice) =>
    endWorker(choice, "SIGKILL", 0),
  "a worker is stopped": (choice) => endWorker(choice, "SIGTERM"),
  "a worker pauses": ({ worker, later }) => {
    if (!worker.isRunning) return false;
    worker.pause();
    later(8_000, () => worker.resume());
    return true;
  },
  "the NATS server is killed": async ({ sites, serverState, later }) => {
    if (serverState.isDown) return false;
    serverState.isDown = true;
    await sites.server.kill();
    later(4_000, async () => {
      await sites.server.restart();
      serverState.isDown = false;
    });
    return true;
  },
  "the NATS server pauses": ({ sites, serverState, later }) => {
    if (serverState.isDown) return false;
    const { pid } = sites.server;
    signal(pid, "SIGSTOP");
    later(4_000, () => signal(pid, "SIGCONT"));
    return true;
  },
  "a site is cut off": async ({ site, later }) => {
    await site.cut();
    later(8_000, () => site.mend());
    return true;
  },
};

async function endWorker(
  { worker, later }: Choice,
  how: "SIGKILL" | "SIGTERM",
  most = 5_000,
): Promise<boolean> {
  if (!worker.isRunning) return false;
  await worker.end(how);
  later(most, () => worker.start());
  return true;
}

/** Makes things fail, one after the other, until it is stopped. */
export class NatsKiller {
  readonly counts: Record<string, number> = {};
  readonly #scene: NatsScene;
  readonly #random: Random;
  readonly #undo = new Set<() => Promise<void>>();
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(scene: NatsScene, random: Random) {
    this.#scene = scene;
    this.#random = random;
    this.#done = this.#run();
  }

  /** Stops, and undoes every fault. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
    await Promise.all([...this.#undo].map((undo) => undo()));
  }

  async #run(): Promise<void> {
    const { workers, sites } = this.#scene;
    const random = this.#random;
    const serverState = { isDown: false };
    while (!this.#stop.signal.aborted) {
      await pause(random.int(500, 5_000), this.#stop.signal);
      const name = random.pick(Object.keys(FAULTS));
      const happened = await FAULTS[name]!({
        ...{ ...this.#scene, serverState },
        worker: random.pick(workers),
        site: random.pick(sites.sites),
        later: (most, undo) => this.#later(random.int(0, most), undo),
      });
      if (happened) this.counts[name] = (this.counts[name] ?? 0) + 1;
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

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
  });
}
