// What workers over NATS cost: the CPU time of the sender and four workers against that
// of as many processes that make the same calls side by side, a part of the hosts each,
// and of one; and whether memory grows with the hosts. Processes side by side slow each
// other down when they have not a core each, whatever they do.
import { join } from "@std/path";
import { natsNeed, startNatsServer } from "../../tests/support/nats_server.ts";
import {
  type Bench,
  besideThis,
  fromSource,
  ftl,
  limitRow,
  MODULES,
  type Row,
  withFolder,
} from "./bench.ts";
import type { NatsRunReport, NatsRunTask } from "./nats_run.ts";
import { type ProcessUse, useOf } from "./process_use.ts";
import { startSimulatedFleet } from "./simulated/start_simulated.ts";

/** The hosts of the two runs, and the workers; the variables take others. */
const SIZES = (Deno.env.get("FTL_BENCH_HOSTS") ?? "5000,20000")
  .split(",").map(Number) as [number, number];
const WORKERS = Number(Deno.env.get("FTL_BENCH_WORKERS") ?? 4);

/** One module on simulated hosts, with and without NATS (nats_run.ts). */
export const nats: Bench = () =>
  withFolder(async (folder): Promise<Row[]> => {
    if (natsNeed.ignore) throw new Error(`Cannot measure${natsNeed.suffix}`);
    const [few, many] = SIZES;
    const fleet = await startSimulatedFleet({ folder, count: many });
    const signKey = join(folder, "sign_key");
    await new Deno.Command("ssh-keygen", {
      args: ["-q", "-t", "ed25519", "-N", "", "-f", signKey],
    }).output();
    const task = {
      ...{ signKey, modules: MODULES },
      inventory: fleet.inventory,
      key: fleet.identityFile,
    };
    try {
      const alone = await measureRun(folder, { ...task, hosts: many });
      const part = many / WORKERS;
      const beside = await Promise.all(
        Array.from({ length: WORKERS }, (_, i) =>
          measureRun(join(folder, `beside-${i}`), {
            ...{ ...task, hosts: part, from: i * part },
          })),
      );
      const shared = await measureRun(folder, {
        ...{ ...task, hosts: many },
        workers: WORKERS,
      });
      const small = await measureOverNats(folder, { ...task, hosts: few });
      const large = await measureOverNats(folder, { ...task, hosts: many });
      const engineMs = large.sender.cpuMs + sum(large.workers);
      const besideMs = sum(beside.map(({ use }) =>
        use
      ));
      const sharedMs = shared.use.cpuMs + shared.workersCpuMs;
      return [
        limitRow(
          `CPU for a host over NATS, ${many} hosts, ${WORKERS} workers`,
          {
            value: (engineMs - besideMs) / many,
            limit: 0.3,
            unit: "ms",
            against: `${engineMs} ms (sender ${large.sender.cpuMs}), ` +
              `${besideMs} in ${WORKERS} processes side by side`,
          },
        ),
        {
          what: "the same over one process",
          figure: `${((engineMs - alone.use.cpuMs) / many).toFixed(2)} ms`,
          against: `${alone.use.cpuMs} ms`,
          ...{ budget: "", met: null },
        },
        {
          what: `the same over ${WORKERS} workers without NATS`,
          figure: `${((engineMs - sharedMs) / many).toFixed(2)} ms`,
          against: `${sharedMs} ms`,
          ...{ budget: "", met: null },
        },
        {
          what: "CPU for a host of nats-server, of the same",
          figure: `${(large.server.cpuMs / many).toFixed(2)} ms`,
          ...{ against: "", budget: "", met: null },
        },
        memoryRow("sender", small.sender, large.sender),
        memoryRow("largest worker", most(small.workers), most(large.workers)),
      ];
    } finally {
      await fleet.stop();
    }

    function memoryRow(
      what: string,
      before: ProcessUse,
      after: ProcessUse,
    ): Row {
      return limitRow(`memory of the ${what}, ${many} hosts over ${few}`, {
        value: (after.peakBytes - before.peakBytes) / (many - few) / 1024,
        limit: 1,
        unit: "KiB for a host",
        against: `${mib(before.peakBytes)} and ${mib(after.peakBytes)} MiB`,
      });
    }
  });

function sum(uses: readonly ProcessUse[]): number {
  return uses.reduce((all, { cpuMs }) => all + cpuMs, 0);
}

function most(uses: readonly ProcessUse[]): ProcessUse {
  return uses.toSorted((a, b) => b.peakBytes - a.peakBytes)[0]!;
}

function mib(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(0);
}

interface NatsUse {
  readonly sender: ProcessUse;
  readonly workers: readonly ProcessUse[];
  readonly server: ProcessUse;
}

/** Makes a run with a server and workers of its own. */
async function measureOverNats(
  folder: string,
  task: NatsRunTask,
): Promise<NatsUse> {
  await using server = await startNatsServer({ maxStore: "2GB" });
  const workers: Deno.ChildProcess[] = [];
  try {
    for (let i = 0; i < WORKERS; i++) {
      workers.push(await startWorker(folder, i, { url: server.url, task }));
    }
    const pids = [...workers.map(({ pid }) => pid), server.pid];
    let before: ProcessUse[] = [];
    const { use } = await measureRun(folder, { ...task, url: server.url }, {
      onWarm: async () => void (before = await Promise.all(pids.map(useOf))),
    });
    const after = await Promise.all(pids.map(useOf));
    const all = after.map((each, i) => ({
      ...each,
      cpuMs: each.cpuMs - before[i]!.cpuMs,
    }));
    return {
      sender: use,
      workers: all.slice(0, -1),
      server: all.at(-1)!,
    };
  } finally {
    for (const worker of workers) {
      worker.kill("SIGKILL");
      await worker.status;
    }
  }
}

/** Starts a worker that connects to the simulated hosts. */
async function startWorker(
  folder: string,
  number: number,
  { url, task }: { url: string; task: NatsRunTask },
): Promise<Deno.ChildProcess> {
  const [deno, ...args] = ftl(
    ...["worker", "--name", `w${number}`, "--nats", url],
    ...["--allow", `${task.signKey}.pub`, "--private-key", task.key],
    ...["--host-keys", "off", "--ssh-config", "none"],
  );
  const home = join(folder, `worker-${task.hosts}-${number}`);
  const child = new Deno.Command(deno!, {
    args,
    env: { FTL_HOME: home },
    ...{ stdin: "null", stdout: "null", stderr: "piped" },
  }).spawn();
  await untilReady(child.stderr);
  return child;
}

/** Reads until a worker says that it is ready, and what it says later. */
export async function untilReady(
  output: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  let text = "";
  const ready = Promise.withResolvers<void>();
  output.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write(chunk) {
        text += chunk;
        if (text.includes("is ready")) ready.resolve();
      },
      close: () => ready.reject(new Error(`A worker ended: ${text}`)),
    }),
  ).catch(() => {}); // the promise has it
  await ready.promise;
}

/** Makes a run, and checks that each host has one good result. */
export async function measureRun(
  folder: string,
  task: NatsRunTask,
  { onWarm = () => Promise.resolve() }: { onWarm?: () => Promise<void> } = {},
): Promise<NatsRunReport> {
  const [deno, ...args] = fromSource(
    besideThis("nats_run.ts"),
    [JSON.stringify(task)],
  );
  const child = new Deno.Command(deno!, {
    args,
    env: { FTL_HOME: folder },
    ...{ stdin: "piped", stdout: "piped" },
  }).spawn();
  const input = child.stdin.getWriter();
  let report: NatsRunReport | undefined;
  let rest = "";
  for await (
    const chunk of child.stdout.pipeThrough(new TextDecoderStream())
  ) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const said = JSON.parse(line);
      if (said.isWarm) {
        await onWarm();
        await input.write(new Uint8Array([10]));
      } else if (said.note === undefined) report = said;
    }
  }
  await input.close().catch(() => {}); // it has ended
  await child.status;
  if (report === undefined || report.odd > 0) {
    throw new Error(`A run failed: ${JSON.stringify(report)}`);
  }
  const { ok = 0, changed = 0 } = report.statuses;
  if (ok + changed < task.hosts) {
    throw new Error(`Hosts failed: ${JSON.stringify(report.statuses)}`);
  }
  return report;
}
