// What a chaos run does to workers, the NATS server and the cables between them. Every
// fault is undone after a while, and all of them at the end.
import type { Random } from "../../random.ts";
import { FaultLoop } from "../fault_loop.ts";
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

/** Makes things fail until it is stopped. */
export function startNatsFaults(scene: NatsScene, random: Random): FaultLoop {
  const serverState = { isDown: false };
  return new FaultLoop({
    random,
    pausesMs: [500, 5_000],
    make: async (later) => {
      const name = random.pick(Object.keys(FAULTS));
      const happened = await FAULTS[name]!({
        ...{ ...scene, serverState },
        worker: random.pick(scene.workers),
        site: random.pick(scene.sites.sites),
        later: (most, undo) => later(random.int(0, most), undo),
      });
      return happened ? name : undefined;
    },
  });
}
