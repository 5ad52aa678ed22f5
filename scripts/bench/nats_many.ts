// What 200 000 hosts over NATS cost the sender, in one run: its CPU time, and whether its
// memory grows with the hosts. The worker verifies calls and reports as a real one, but
// connects to nothing (simulated/instant_worker.ts).
import { join } from "@std/path";
import { natsNeed, startNatsServer } from "../../tests/support/nats_server.ts";
import {
  type Bench,
  limitRow,
  MODULES,
  type Row,
  script,
  withFolder,
} from "./bench.ts";
import { measureRun, untilReady } from "./nats.ts";
import type { NatsRunReport } from "./nats_run.ts";
import { useOf } from "./process_use.ts";
import { startSimulatedFleet } from "./simulated/start_simulated.ts";

/** The hosts of the two runs; the variable takes others. */
const SIZES = (Deno.env.get("FTL_BENCH_HOSTS") ?? "20000,200000")
  .split(",").map(Number) as [number, number];

/** One module on hosts that answer at once. */
export const natsMany: Bench = () =>
  withFolder(async (folder): Promise<Row[]> => {
    if (natsNeed.ignore) throw new Error(`Cannot measure${natsNeed.suffix}`);
    const [few, many] = SIZES;
    const small = await measureMany(join(folder, "small"), few);
    const large = await measureMany(join(folder, "large"), many);
    const mib = (bytes: number) => (bytes / 1024 ** 2).toFixed(0);
    const [before, after] = [small.run.use, large.run.use];
    const ms = (cpuMs: number) => `${(cpuMs / many).toFixed(2)} ms`;
    const row = (what: string, figure: string): Row => ({
      ...{ what, figure, against: "", budget: "", met: null },
    });
    return [
      row(
        `a run on ${many} hosts that answer at once`,
        `${(large.run.wallMs / 1000).toFixed(0)} s`,
      ),
      row("CPU of the sender for a host, of the same", ms(after.cpuMs)),
      row("of nats-server", ms(large.serverCpuMs)),
      row("of a worker, without its connections", ms(large.workerCpuMs)),
      limitRow(`memory of the sender, ${many} hosts over ${few}`, {
        value: (after.peakBytes - before.peakBytes) / (many - few) / 1024,
        limit: 3,
        unit: "KiB for a host",
        against: `${mib(before.peakBytes)} and ${mib(after.peakBytes)} MiB`,
      }),
    ];
  });

interface ManyUse {
  readonly run: NatsRunReport;
  readonly serverCpuMs: number;
  readonly workerCpuMs: number;
}

async function measureMany(folder: string, hosts: number): Promise<ManyUse> {
  await Deno.mkdir(folder);
  await using server = await startNatsServer({ maxStore: "4GB" });
  // Only its inventory is used.
  const fleet = await startSimulatedFleet({ folder, count: hosts });
  await fleet.stop();
  const signKey = join(folder, "sign_key");
  await new Deno.Command("ssh-keygen", {
    args: ["-q", "-t", "ed25519", "-N", "", "-f", signKey],
  }).output();
  const [deno, ...args] = script(
    "simulated/instant_worker.ts",
    ...[server.url, join(folder, "worker"), `${signKey}.pub`],
  );
  const worker = new Deno.Command(deno!, {
    args,
    ...{ stdin: "null", stdout: "piped" },
  }).spawn();
  try {
    await untilReady(worker.stdout);
    const pids = [server.pid, worker.pid];
    let before: number[] = [];
    const now = async () =>
      (await Promise.all(pids.map(useOf))).map((use) => use.cpuMs);
    const run = await measureRun(folder, {
      ...{ signKey, hosts, modules: MODULES, url: server.url },
      ...{ inventory: fleet.inventory, key: fleet.identityFile },
    }, { onWarm: async () => void (before = await now()) });
    const after = await now();
    const [serverCpuMs, workerCpuMs] = after.map((ms, i) =>
      ms - before[i]!
    ) as [
      number,
      number,
    ];
    return { run, serverCpuMs, workerCpuMs };
  } finally {
    worker.kill("SIGKILL");
    await worker.status;
  }
}
