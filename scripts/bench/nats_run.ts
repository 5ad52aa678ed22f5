// Makes one call on hosts of an inventory, over NATS or from this process: first on a
// few, so that all programs are warm, then on all. Prints a line after each, and waits
// for one on stdin before the second.
//
//   nats_run.ts '{"inventory": …, "key": …, "modules": …, "hosts": 20000, "url": …}'
import { openHostFleet } from "../../src/core/fleet/host_fleet.ts";
import { Provision } from "../../src/core/fleet/provision.ts";
import { NatsEngine } from "../../src/core/nats/sender/nats_engine.ts";
import { listWorkers } from "../../src/core/nats/sender/list_workers.ts";
import { openNats } from "../../src/core/nats/server/nats_link.ts";
import { RecordedModules } from "../../src/core/nats/messages/recorded_modules.ts";
import { findSigningKey } from "../../src/core/nats/trust/signing_key.ts";
import type { Engine } from "../../src/core/run/engine.ts";
import { run } from "../../src/core/run/run.ts";
import type { Host } from "../../src/inventory/inventory.ts";
import { loadHosts } from "../../src/mod.ts";
import { makeWorkers } from "../../tests/support/worker_lab.ts";
import { type ProcessUse, useOf } from "./process_use.ts";

/** What is run. */
export interface NatsRunTask {
  readonly inventory: string;
  /** Logs in to the hosts. */
  readonly key: string;
  /** Signs the calls. */
  readonly signKey: string;
  readonly modules: string;
  /** How many hosts of the inventory. */
  readonly hosts: number;
  /** The index of the first of them. Default: 0. */
  readonly from?: number | undefined;
  /** The NATS server. Default: this process connects to the hosts. */
  readonly url?: string | undefined;
  /** Worker processes without NATS that connect. Default: none. */
  readonly workers?: number | undefined;
}

/** How it went. */
export interface NatsRunReport {
  readonly wallMs: number;
  /** Results by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Hosts with more than one result, or none. */
  readonly odd: number;
  /** Of this process, since the warm-up. */
  readonly use: ProcessUse;
  /** The CPU time of its worker processes in all, since the warm-up. */
  readonly workersCpuMs: number;
}

/** Hosts of the warm-up. */
const WARM_UP = 1_000;

async function main(task: NatsRunTask): Promise<void> {
  const all = await loadHosts({ inventory: task.inventory });
  const { from = 0 } = task;
  const hosts = all.slice(from, from + task.hosts);
  const { engine, fleet, pool } = await openEngine(hosts, task);
  const workers = async () => {
    const uses = await Promise.all((pool?.pids ?? []).map(useOf));
    return uses.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  };
  await runOn(hosts.slice(0, WARM_UP), engine);
  print({ isWarm: true });
  await Deno.stdin.read(new Uint8Array(1));
  const before = await useOf(Deno.pid);
  const workersBefore = await workers();
  const began = performance.now();
  const { statuses, odd } = await runOn(hosts, engine);
  const wallMs = performance.now() - began;
  const after = await useOf(Deno.pid);
  const use = { ...after, cpuMs: after.cpuMs - before.cpuMs };
  const workersCpuMs = await workers() - workersBefore;
  const report: NatsRunReport = { wallMs, statuses, odd, use, workersCpuMs };
  print(report);
  await engine.close?.();
  await fleet.close();
}

async function openEngine(
  hosts: readonly Host[],
  { key, signKey, modules, url, workers = 0 }: NatsRunTask,
) {
  const pool = workers > 0 ? await makeWorkers(workers) : undefined;

  const recorded = new RecordedModules(
    new Provision({ sources: { dirs: [modules] } }),
  );
  const fleet = await openHostFleet({
    hosts,
    modules: recorded,
    ...(pool && { workers: pool }),
    ssh: { config: "none", agentSocket: "" },
    connection: {
      identityFiles: [key],
      hostKeys: "off",
      // On a busy machine, too, every host is reached.
      connectTimeoutMs: 120_000,
    },
  });
  if (url === undefined) {
    const engine: Pick<Engine, "run"> & { close?: () => Promise<void> } = {
      run: ({ call, hosts }) => run(fleet, call, { hosts, keepOpen: false }),
    };
    return { engine, fleet, pool };
  }
  const link = await openNats({ url, name: "bench" });
  const [worker] = await listWorkers(link);
  const engine = new NatsEngine(fleet, {
    ...{ link, from: "bench", modules: recorded },
    ftl: worker!.ftl,
    build: worker!.build,
    key: await findSigningKey({ file: signKey, agentSocket: "", home: "/" }),
    onNote: (note) => print({ note }),
  });
  return { engine, fleet, pool };
}

async function runOn(
  hosts: readonly Host[],
  engine: Pick<Engine, "run">,
): Promise<Pick<NatsRunReport, "statuses" | "odd">> {
  const statuses: Record<string, number> = {};
  const seen = new Set<string>();
  let odd = 0;
  const events = engine.run({
    call: { module: "greet", args: {} },
    hosts: hosts.map(({ name }) => name),
    keepOpen: false,
    keepsResults: false,
  });
  for await (const event of events) {
    if (event.event !== "result") continue;
    statuses[event.status] = (statuses[event.status] ?? 0) + 1;
    if (seen.has(event.host)) odd++;
    seen.add(event.host);
  }
  return { statuses, odd: odd + hosts.length - seen.size };
}

function print(line: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(line) + "\n"));
}

if (import.meta.main) {
  await main(JSON.parse(Deno.args[0]!));
  Deno.exit(0);
}
