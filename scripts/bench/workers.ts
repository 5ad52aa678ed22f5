// What workers take off the process of the command. A clock would measure the simulated
// hosts too, which use the same cores, so the wall time is computed from CPU times: on
// cores that nothing else uses, a run takes as long as its busiest thread. On two
// cores it also takes half of all that its processes do, which without workers is less:
// V8 collects garbage on the other core. `FTL_BENCH_HOSTS=10000` sets the number of
// hosts.
import {
  type Bench,
  besideThis,
  fromSource,
  limitRow,
  MODULES,
  type Row,
  withFolder,
} from "./bench.ts";
import { median } from "./measure.ts";
import { startSimulatedFleet } from "./simulated/start_simulated.ts";
import type { RunUse, WorkerRun } from "./worker_run.ts";

const HOSTS = "3000";
const CORES = 2;
const ROUNDS = 3;

/** One module on many hosts, with 0 and 2 workers (worker_run.ts). */
export const workers: Bench = () =>
  withFolder(async (folder): Promise<Row[]> => {
    const count = Number(Deno.env.get("FTL_BENCH_HOSTS") ?? HOSTS);
    const fleet = await startSimulatedFleet({ folder, count });
    try {
      const alone: WorkerRun[] = [];
      const shared: WorkerRun[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        alone.push(await measureRun(0, { ...fleet, count, home: folder }));
        shared.push(await measureRun(2, { ...fleet, count, home: folder }));
      }
      return rowsOf(count, {
        alone: middleOf(alone),
        shared: middleOf(shared),
      });
    } finally {
      await fleet.stop();
    }
  });

function rowsOf(
  count: number,
  { alone, shared }: { alone: WorkerRun; shared: WorkerRun },
): Row[] {
  const all = [shared.parent, ...shared.workers];
  const mib = (uses: readonly RunUse[]) =>
    `${(sumOf(uses, "peakBytes") / 1024 ** 2).toFixed(0)} MiB`;
  const perHost = (ms: number) => `${(ms / count).toFixed(2)} ms a host`;
  const ratio = (what: string, [value, of]: [number, number], limit?: number) =>
    limit === undefined
      ? {
        what,
        figure: `${(value / of).toFixed(2)}×`,
        against: `${perHost(value)}; without ${perHost(of)}`,
        budget: "",
        met: null,
      }
      : limitRow(what, {
        value: value / of,
        limit,
        unit: "×",
        against: `${perHost(value)}; without ${perHost(of)}`,
      });
  return [
    ratio(
      `wall time of ${count} hosts with two workers, each on a core of its own`,
      [wallMs(all, Infinity), wallMs([alone.parent], Infinity)],
      0.6,
    ),
    ratio(
      `the same, on ${CORES} cores`,
      [wallMs(all, CORES), wallMs([alone.parent], CORES)],
    ),
    ratio("CPU of all processes", [
      sumOf(all, "cpuMs"),
      alone.parent.cpuMs,
    ]),
    ratio(
      "CPU of the process of the command",
      [shared.parent.cpuMs, alone.parent.cpuMs],
      0.3,
    ),
    {
      what: "memory of all processes with two workers",
      figure: mib(all),
      against: `${mib([alone.parent])} without`,
      budget: "",
      met: null,
    },
  ];
}

/** The run with the median CPU time. */
function middleOf(runs: readonly WorkerRun[]): WorkerRun {
  const cpuMs = ({ parent, workers }: WorkerRun) =>
    sumOf([parent, ...workers], "cpuMs");
  const middle = median(runs.map(cpuMs));
  return runs.find((run) => cpuMs(run) === middle)!;
}

/** The least time that a run takes on cores that nothing else uses. */
function wallMs(processes: readonly RunUse[], cores: number): number {
  const busiest = Math.max(...processes.map(({ threadMs }) => threadMs));
  return Math.max(busiest, sumOf(processes, "cpuMs") / cores);
}

function sumOf(
  uses: readonly RunUse[],
  name: "cpuMs" | "peakBytes",
): number {
  return uses.reduce((sum, use) => sum + use[name], 0);
}

/** @throws {Error} when a host has failed. */
async function measureRun(
  workers: number,
  { inventory, identityFile, count, home }: {
    inventory: string;
    identityFile: string;
    count: number;
    home: string;
  },
): Promise<WorkerRun> {
  const [deno, ...args] = fromSource(
    besideThis("worker_run.ts"),
    [String(workers), inventory, identityFile, MODULES],
  );
  const { success, stdout, stderr } = await new Deno.Command(deno!, {
    args,
    env: { FTL_HOME: home },
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(text.decode(stderr));
  const run: WorkerRun = JSON.parse(text.decode(stdout));
  if (run.ok !== count) throw new Error(`${run.ok} of ${count} hosts are ok`);
  return run;
}
