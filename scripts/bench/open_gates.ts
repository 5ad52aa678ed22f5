// A console with many open gates on simulated hosts: the memory of all processes of
// ftl once they are open, after calls, and a while later, and what a call on all takes.
// `FTL_BENCH_HOSTS=10000` sets the number of gates, `FTL_BENCH_WORKERS=3` that of
// workers.
import { join } from "@std/path";
import {
  type Bench,
  limitRow,
  MODULES,
  type Row,
  withFolder,
} from "./bench.ts";
import { median } from "./measure.ts";
import { bundleOf, pack } from "./packed.ts";
import { treeOf } from "./process_tree.ts";
import { memoryOf, useOf } from "./process_use.ts";
import { Session } from "./session.ts";
import { startSimulatedFleet } from "./simulated/start_simulated.ts";

const HOSTS = "2000";
const WORKERS = "0";
const CALLS = 5;
/** How long the console is left alone before its memory is measured again. */
const IDLE_MS = 15_000;
const MIB = 1024 ** 2;

/** The budget without workers, which other numbers are held to in proportion. */
const BUDGET = { gates: 10_000, mib: 600, callMs: 2_000 };

/** The budget with workers, which have a core each. */
const WORKERS_BUDGET = { gates: 30_000, wallMs: 8_000 };

/** What ftl takes without a host, which a small fleet is allowed too. */
const BASE_MIB = 78;

/** Many gates, open at once. */
export const gates: Bench = () =>
  withFolder(async (folder): Promise<Row[]> => {
    const count = Number(Deno.env.get("FTL_BENCH_HOSTS") ?? HOSTS);
    const workers = Deno.env.get("FTL_BENCH_WORKERS") ?? WORKERS;
    const { paths, env } = await pack(
      { ftl: await bundleOf("main.ts") },
      folder,
    );
    const fleet = await startSimulatedFleet({ folder, count });
    try {
      await using session = new Session(
        [
          ...["-M", MODULES, ...fleet.flags],
          ...["--workers", workers, "--fanout", String(count)],
          ...["--connect-timeout", "300"], // the machine may be busy
        ],
        join(folder, "home"),
        { ftl: [paths.ftl], env },
      );
      const measure = async (): Promise<Measured> => {
        const pids = await treeOf(session.pid);
        const uses = await Promise.all(pids.map(useOf));
        return {
          mib: await memoryOf(pids) / MIB,
          cpuMs: uses.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
        };
      };
      const openMs = await session.call("greet");
      const opened = await measure();
      await pause(IDLE_MS);
      const rested = await measure();
      const calls: MeasuredCall[] = [];
      for (let i = 0; i < CALLS; i++) {
        const before = await measure();
        const hostsBefore = await fleet.cpuMs();
        const wallMs = await session.call("greet");
        const { cpuMs, mib } = await measure();
        const hostsMs = await fleet.cpuMs() - hostsBefore;
        calls.push({ wallMs, cpuMs: cpuMs - before.cpuMs, hostsMs, mib });
      }
      await pause(IDLE_MS);
      const later = await measure();
      return rowsOf({ count, workers, openMs, opened, rested, calls, later });
    } finally {
      await fleet.stop();
    }
  });

interface Measured {
  readonly mib: number;
  readonly cpuMs: number;
}

interface MeasuredCall extends Measured {
  readonly wallMs: number;
  /** The CPU time of the simulated hosts. */
  readonly hostsMs: number;
}

function rowsOf(
  { count, workers, openMs, opened, rested, calls, later }: {
    count: number;
    workers: string;
    openMs: number;
    opened: Measured;
    rested: Measured;
    calls: readonly MeasuredCall[];
    later: Measured;
  },
): Row[] {
  const share = count / BUDGET.gates;
  const most = Math.max(...calls.map(({ mib }) => mib));
  const mib = (value: number) => `${value.toFixed(0)} MiB`;
  const states = `${mib(opened.mib)} when opened, ${mib(rested.mib)} later, ` +
    `${mib(most)} after calls, ${mib(later.mib)} later`;
  const cpuMs = median(calls.map((call) => call.cpuMs));
  const wallMs = median(calls.map((call) => call.wallMs));
  const hostsMs = median(calls.map((call) => call.hostsMs));
  const hostsText = `the simulated hosts ${hostsMs.toFixed(0)} ms`;
  const opening = `they opened in ${(openMs / 1000).toFixed(1)} s`;
  const idle = Math.max(rested.mib, later.mib);
  if (workers !== "0") {
    const what = `${count} gates, ${workers} workers`;
    return [
      {
        ...{ what: `memory of ${what}`, figure: mib(idle), against: states },
        ...{ budget: "", met: null },
      },
      limitRow(`time of a call on ${what}`, {
        value: wallMs,
        limit: WORKERS_BUDGET.wallMs * count / WORKERS_BUDGET.gates,
        unit: "ms",
        against: `CPU ${cpuMs.toFixed(0)} ms, ${hostsText}; ${opening}`,
      }),
    ];
  }
  return [
    limitRow(`memory of ${count} gates`, {
      value: idle,
      limit: Math.round(BASE_MIB + (BUDGET.mib - BASE_MIB) * share),
      unit: "MiB",
      against: states,
    }),
    limitRow(`CPU of a call on ${count} gates`, {
      value: cpuMs,
      limit: BUDGET.callMs * share,
      unit: "ms",
      against: `takes ${wallMs.toFixed(0)} ms, ${hostsText}; ${opening}`,
    }),
  ];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
