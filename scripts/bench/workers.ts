// What workers take off the process of the command: the CPU time of the busiest
// process, with two workers and without. On enough cores, and with real hosts, that is
// the ratio of the wall times.
import {
  type Bench,
  besideThis,
  fromSource,
  limitRow,
  MODULES,
  type Row,
  withFolder,
} from "./bench.ts";
import { startSimulatedFleet } from "./simulated/start_simulated.ts";
import type { WorkerRun } from "./worker_run.ts";

const HOSTS = 3000;

/** One module on many hosts, with 0 and 2 workers (worker_run.ts). */
export const workers: Bench = () =>
  withFolder(async (folder): Promise<Row[]> => {
    const fleet = await startSimulatedFleet({ folder, count: HOSTS });
    try {
      const alone = await measureRun(0, { ...fleet, home: folder });
      const shared = await measureRun(2, { ...fleet, home: folder });
      const busiest = Math.max(
        ...[shared.parent, ...shared.workers].map(({ cpuMs }) => cpuMs),
      );
      const all = [shared.parent, ...shared.workers];
      const mib = (bytes: number) => (bytes / 1024 ** 2).toFixed(0);
      return [
        limitRow(`busiest process of ${HOSTS} hosts with two workers`, {
          value: busiest / alone.parent.cpuMs,
          limit: 0.6,
          unit: "×",
          against: `CPU ${alone.parent.cpuMs} ms without`,
        }),
        limitRow("the process of the command, of the same", {
          value: shared.parent.cpuMs / alone.parent.cpuMs,
          limit: 0.3,
          unit: "×",
          against: `CPU ${shared.parent.cpuMs} ms`,
        }),
        {
          what: "memory of all processes with two workers",
          figure: `${
            mib(all.reduce((sum, { peakBytes }) => sum + peakBytes, 0))
          } MiB`,
          against: `${mib(alone.parent.peakBytes)} MiB without`,
          budget: "",
          met: null,
        },
      ];
    } finally {
      await fleet.stop();
    }
  });

async function measureRun(
  count: number,
  { inventory, identityFile, home }: {
    inventory: string;
    identityFile: string;
    home: string;
  },
): Promise<WorkerRun> {
  const [deno, ...args] = fromSource(
    besideThis("worker_run.ts"),
    [String(count), inventory, identityFile, MODULES],
  );
  const { success, stdout, stderr } = await new Deno.Command(deno!, {
    args,
    env: { FTL_HOME: home },
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(text.decode(stderr));
  return JSON.parse(text.decode(stdout));
}
