// Makes one call on all hosts of an inventory, by workers or without, and prints the
// CPU time and the memory of this process and of each worker.
//
//   worker_run.ts WORKERS INVENTORY KEY MODULES
import { openHostFleet } from "../../src/core/fleet/host_fleet.ts";
import { collect, loadHosts, run } from "../../src/mod.ts";
import { makeWorkers } from "../../tests/support/worker_lab.ts";
import { mainThreadMs, type ProcessUse, useOf } from "./process_use.ts";

/** What a process of a run has used. */
export interface RunUse extends ProcessUse {
  /** Of the thread that runs the program, which is never done in parallel. */
  readonly threadMs: number;
}

/** What a run has used. */
export interface WorkerRun {
  readonly wallMs: number;
  /** The hosts whose call succeeded. */
  readonly ok: number;
  /** Of this process, after the inventory was read. */
  readonly parent: RunUse;
  /** Since each was started. */
  readonly workers: readonly RunUse[];
}

async function main(args: readonly string[]): Promise<void> {
  const [workers, inventory, key, modules] = args as [
    string,
    string,
    string,
    string,
  ];
  const hosts = await loadHosts({ inventory });
  const count = Number(workers);
  const pool = count === 0 ? undefined : await makeWorkers(count);
  await using fleet = await openHostFleet({
    hosts,
    sources: { dirs: [modules] },
    connection: { identityFiles: [key], hostKeys: "off" },
    fanout: Number(Deno.env.get("FAN") ?? 1000),
    ssh: { config: "none", agentSocket: "" },
    ...(pool && { workers: pool }),
  });
  const before = await runUse(Deno.pid);
  const began = performance.now();
  const call = { module: "greet", args: {} };
  const { summary } = await collect(run(fleet, call, { keepOpen: false }));
  const wallMs = performance.now() - began;
  const after = await runUse(Deno.pid);
  const result: WorkerRun = {
    wallMs,
    ok: summary.ok,
    parent: {
      ...after,
      cpuMs: after.cpuMs - before.cpuMs,
      threadMs: after.threadMs - before.threadMs,
    },
    workers: await Promise.all((pool?.pids ?? []).map(runUse)),
  };
  Deno.stdout.writeSync(
    new TextEncoder().encode(JSON.stringify(result) + "\n"),
  );
}

async function runUse(pid: number): Promise<RunUse> {
  return { ...await useOf(pid), threadMs: await mainThreadMs(pid) };
}

if (import.meta.main) await main(Deno.args);
