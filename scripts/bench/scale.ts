// One run on many simulated hosts, of which one in a hundred dies in some phase: the
// memory of all processes, what a further host adds to it, and the controller's CPU
// time over ssh2 alone, in as many processes as connect: two at once slow each other
// down. `FTL_BENCH_HOSTS=20000,100000` sets the two sizes.
import { join } from "@std/path";
import {
  type Bench,
  limitRow,
  MODULES,
  type Row,
  withFolder,
} from "./bench.ts";
import { bundleOf, pack } from "./packed.ts";
import { ProcessTree, type TreeUse } from "./process_tree.ts";
import {
  type SimulatedFleet,
  startSimulatedFleet,
} from "./simulated/start_simulated.ts";

const SIZES = "3000,12000";
/** Enough hosts to tell what ssh2 takes for one. */
const FLOOR_HOSTS = 1_000;
const FAILING = 0.01;
const WORKERS = ["0", "2"];
const MIB = 1024 ** 2;

interface Figures extends TreeUse {
  readonly hosts: number;
}

/** Two sizes of a run, with workers and without. */
export const scale: Bench = () =>
  withFolder(async (folder): Promise<Row[]> => {
    const sizes = (Deno.env.get("FTL_BENCH_HOSTS") ?? SIZES).split(",")
      .map(Number);
    const { paths, env } = await pack({
      ftl: await bundleOf("main.ts"),
      floor: await bundleOf("scripts/bench/scale_floor.ts"),
    }, folder);
    const options = { folder, count: Math.max(...sizes) };
    const steady = await startSimulatedFleet(options);
    const floors: Record<string, number> = {};
    for (const workers of WORKERS) {
      floors[workers] = await floorOf(steady, {
        ...{ program: paths.floor, env, folder },
        processes: Math.max(1, Number(workers)),
      });
    }
    await steady.stop();
    const fleet = await startSimulatedFleet({
      ...options,
      behavior: { failing: FAILING },
    });
    try {
      const rows: Row[] = [];
      for (const workers of WORKERS) {
        const figures: Figures[] = [];
        for (const hosts of sizes) {
          figures.push(
            await runOn(fleet, {
              ...{ program: paths.ftl, hosts, workers, folder },
              env: { ...env, FTL_HOME: join(folder, `${workers}-${hosts}`) },
            }),
          );
        }
        rows.push(...rowsOf(figures, { workers, floorMs: floors[workers]! }));
      }
      return rows;
    } finally {
      await fleet.stop();
    }
  });

function rowsOf(
  figures: readonly Figures[],
  { workers, floorMs }: { workers: string; floorMs: number },
): Row[] {
  const what = workers === "0" ? "" : `, ${workers} workers`;
  const [small, large] = figures as [Figures, Figures];
  const further = large.hosts - small.hosts;
  return [
    limitRow(`memory of a run on ${large.hosts} hosts${what}`, {
      value: large.peakBytes / MIB,
      limit: 1024,
      unit: "MiB",
      against: `${(small.peakBytes / MIB).toFixed(0)} MiB on ${small.hosts}`,
    }),
    limitRow(`memory of a further host${what}`, {
      value: (large.peakBytes - small.peakBytes) / further / 1024,
      limit: 3,
      unit: "KiB",
    }),
    limitRow(`controller CPU of a further host${what}`, {
      value: (large.cpuMs - small.cpuMs) / further - floorMs,
      limit: 1.5,
      unit: "ms",
      against: `over raw ssh2${
        workers === "0" ? "" : `, ${workers} processes`
      }: ${floorMs.toFixed(2)} ms`,
    }),
  ];
}

/** The CPU time of ssh2 alone for a host, in milliseconds. */
async function floorOf(
  fleet: SimulatedFleet,
  { program, env, folder, processes }: {
    program: string;
    env: Record<string, string>;
    folder: string;
    processes: number;
  },
): Promise<number> {
  const knownHosts = join(folder, "known_hosts");
  await Deno.writeTextFile(knownHosts, fleet.hostKey);
  const { port, identityFile } = fleet;
  const args = [String(port), "sim", identityFile, knownHosts];
  const command = new Deno.Command(program, {
    args: [...args, String(FLOOR_HOSTS)],
    env,
    stderr: "inherit",
  });
  const outputs = await Promise.all(
    Array.from({ length: processes }, () => command.output()),
  );
  const all = outputs.map(({ stdout }) =>
    Number(new TextDecoder().decode(stdout))
  );
  return all.reduce((sum, ms) => sum + ms, 0) / processes;
}

/** @throws {Error} when a host does not have one result. */
async function runOn(
  fleet: SimulatedFleet,
  { program, hosts, workers, env }: {
    program: string;
    hosts: number;
    workers: string;
    env: Record<string, string>;
  },
): Promise<Figures> {
  const child = new Deno.Command(program, {
    args: [
      ...["run", "greet", "-M", MODULES, ...fleet.flags],
      ...["-l", `sim[0:${hosts - 1}]`, "--workers", workers],
      ...["--format", "ndjson"],
    ],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const tree = new ProcessTree(child.pid);
  const results = await countResults(child.stdout);
  await child.status;
  const use = tree.end();
  if (results.size !== hosts || [...results.values()].some((n) => n !== 1)) {
    throw new Error(`${hosts} hosts have ${results.size} results`);
  }
  return { ...use, hosts };
}

/** The number of results of each host. */
async function countResults(
  stdout: ReadableStream<Uint8Array>,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let rest = "";
  const text = stdout.pipeThrough(new TextDecoderStream());
  for await (const chunk of text) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      if (!line.startsWith('{"event":"result"')) continue;
      const { host } = JSON.parse(line);
      counts.set(host, (counts.get(host) ?? 0) + 1);
    }
  }
  return counts;
}
