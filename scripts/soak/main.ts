// `deno task soak [--calls N] [--hosts N] [--idle SECONDS]`: a console that works for a
// day: calls on open gates, shell commands, files both ways, new keys, and times in which
// nothing happens. Its resident memory must not grow. Exits with 1 when it does.
import { join } from "@std/path";
import {
  sshdNeed,
  startOpensshFleet,
} from "../../tests/support/openssh_fleet.ts";
import { MODULES, withFolder } from "../bench/bench.ts";
import { median } from "../bench/measure.ts";
import { Session } from "../bench/session.ts";
import { usageOf } from "../chaos/processes.ts";
import { readNumbers } from "../number_options.ts";

/** The most that memory may grow by over the second half of all calls. */
const GROWTH_KB = 5 * 1024;
/** Fewer calls than this are a short run: memory has not settled by its middle. */
const SETTLED_CALLS = 50_000;
const UNSETTLED_KB = 40 * 1024;
/** How often it looks at the memory, over all calls. */
const LOOKS = 40;
/** How many lines are between two times in which nothing happens, at most. */
const IDLE_EVERY = 500;

async function main(args: readonly string[]): Promise<number> {
  const { calls, hosts, idle } = readNumbers(args, {
    calls: 200_000,
    hosts: 40,
    idle: 30,
  });
  if (sshdNeed.ignore) {
    print(`Cannot start hosts${sshdNeed.suffix}`);
    return 2;
  }
  return await withFolder((folder) => soak(folder, { calls, hosts, idle }));
}

async function soak(
  folder: string,
  { calls, hosts, idle }: { calls: number; hosts: number; idle: number },
): Promise<number> {
  const fleet = await startOpensshFleet({
    hosts,
    maxStartups: "200",
    config: ["RekeyLimit 256K 60s"],
  });
  try {
    const src = join(folder, "pushed");
    await Deno.writeTextFile(src, "x".repeat(20_000));
    const lines = Math.ceil(calls / hosts);
    const look = Math.max(1, Math.floor(lines / LOOKS));
    const pause = Math.min(IDLE_EVERY, Math.ceil(lines / 2));
    const residentKb: number[] = [];
    const descriptors: number[] = [];
    {
      await using session = new Session(
        ["-M", MODULES, ...fleet.flags],
        folder,
      );
      for (let line = 1; line <= lines; line++) {
        await session.call(lineFor(line, { src, folder }));
        if (line % pause === 0) {
          await new Promise((resolve) => setTimeout(resolve, idle * 1000));
        }
        if (line % look !== 0) continue;
        const usage = (await usageOf(session.pid))!;
        residentKb.push(usage.residentKb);
        descriptors.push(usage.descriptors);
        print(
          `${line * hosts} calls: ${mb(usage.residentKb)}, ` +
            `${usage.descriptors} descriptors`,
        );
      }
    }
    const faults = [
      ...growthIn(residentKb, calls),
      ...(descriptors.at(-1)! > descriptors[descriptors.length >> 1]! + hosts
        ? [`descriptors: ${descriptors.join(" ")}`]
        : []),
      ...(await fleet.processes()).map(({ command }) => `left: ${command}`),
    ];
    for (const fault of faults) print(`FAULT: ${fault}`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await fleet.stop();
  }
}

/** What the console is told; most are calls of modules. */
function lineFor(
  line: number,
  { src, folder }: { src: string; folder: string },
): string {
  switch (line % 10) {
    case 3:
      return `!echo ${line}`;
    case 6:
      return `:push ${src} ~/pushed-${line % 100}`;
    case 8:
      return `:fetch ~/pushed-6 ${join(folder, "fetched")}`;
    default:
      return `greet name=call-${line}`;
  }
}

/** Memory goes up and down with collections: medians of quarters are compared. */
function growthIn(residentKb: readonly number[], calls: number): string[] {
  const half = residentKb.length >> 1;
  const quarter = Math.max(1, half >> 1);
  const middle = median(residentKb.slice(half, half + quarter));
  const end = median(residentKb.slice(-quarter));
  const most = calls < SETTLED_CALLS ? UNSETTLED_KB : GROWTH_KB;
  print(
    `${mb(middle)} after the middle, ${mb(end)} at the end; it may grow by ${
      mb(most)
    }`,
  );
  return end - middle > most ? [`memory: ${residentKb.map(mb).join(" ")}`] : [];
}

function mb(kb: number): string {
  return `${(kb / 1024).toFixed(1)} MB`;
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
