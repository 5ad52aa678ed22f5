// `deno task chaos [nats]`: makes calls on real hosts that fail in many ways, and compares
// what was reported with what happened. With `nats` workers make the calls, and they fail
// too. Exits with 1 when a report was not true, or something was left.
import { fromFileUrl, join } from "@std/path";
import { needAnsible } from "../../tests/support/ansible.ts";
import { sshdNeed } from "../../tests/support/openssh_fleet.ts";
import { findProgram } from "../../tests/support/need.ts";
import { type ChaosFleet, startChaosFleet } from "./chaos_fleet.ts";
import { Killer } from "./faults.ts";
import { type Noted, readJournal, type Report, untruthOf } from "./journal.ts";
import { findLeftovers } from "./leftovers.ts";
import { natsChaos, natsChaosNeed } from "./nats/nats_chaos.ts";
import { readNumbers } from "../number_options.ts";
import { runProgram } from "../run_program.ts";
import { usageOf } from "./processes.ts";
import { Random } from "../random.ts";
import { errorTable, statusTable, table } from "./report_tables.ts";
import { type Observed, WatchedProgram } from "./watch_program.ts";

const MODULES = fromFileUrl(new URL("modules", import.meta.url));
const USAGE = `Usage: deno task chaos [nats] [OPTIONS]

Makes calls on hosts that fail in many ways; with nats, workers make them, and fail
too. Exits with 1 when a report was not true, or something was left.

  --minutes N  how long (default: 1)
  --seed N     makes the same choices again (default: another each time)
  --hosts N    how many hosts (default: 5; with nats 60)`;
const KINDS = [
  "journal_native",
  "journal_old",
  "journal_json",
  "journal_script",
  "journal_binary",
  "exec",
  "push",
  "fetch",
  "chain",
];
/** How much the program may hold at the end over the most of its first half. */
const GROWTH_KB = 48 * 1024;
/** The most that a gate may hold. */
const GATE_KB = 96 * 1024;

async function main(words: readonly string[]): Promise<number> {
  const overNats = words[0] === "nats";
  const args = overNats ? words.slice(1) : words;
  const { minutes, seed, hosts } = readNumbers(args, {
    minutes: 1,
    seed: Math.floor(Math.random() * 1e9),
    hosts: overNats ? 60 : 5,
  });
  const need = overNats ? natsChaosNeed : sshdNeed;
  if (need.ignore) {
    print(`Cannot start hosts${need.suffix}`);
    return 2;
  }
  print(`seed ${seed}, ${minutes} minutes, ${hosts} hosts`);
  const options = { minutes, seed, hosts };
  const faults = overNats
    ? await natsChaos({ ...options, print })
    : await fleetChaos(options);
  for (const fault of faults.slice(0, 50)) print(`FAULT: ${fault}`);
  if (faults.length === 0) {
    print("every report was true, and nothing is left");
    return 0;
  }
  const again = `deno task chaos ${overNats ? "nats " : ""}--seed ${seed}`;
  print(`${faults.length} faults; again: ${again}`);
  return 1;
}

async function fleetChaos(
  { minutes, seed, hosts }: { minutes: number; seed: number; hosts: number },
): Promise<string[]> {
  const fleet = await startChaosFleet(hosts);
  try {
    return await chaos(fleet, { minutes, seed });
  } finally {
    await fleet.stop();
  }
}

async function chaos(
  fleet: ChaosFleet,
  { minutes, seed }: { minutes: number; seed: number },
): Promise<string[]> {
  const ansible = needAnsible();
  const modules = [MODULES, ...ansible.ignore ? [] : [ansible.modules]];
  const kinds = [
    ...KINDS,
    ...ansible.ignore ? [] : ["journal_new"],
    ...Deno.uid() === 0 && findProgram("sudo") ? ["become"] : [],
  ];
  const boxes = new Boxes(fleet);
  const home = join(fleet.folder, "controller");
  await Deno.mkdir(home, { mode: 0o700 });
  const program = new WatchedProgram({
    inventory: fleet.inventory,
    knownHosts: fleet.knownHosts,
    modules,
    folder: home,
    seed,
    kinds,
  }, { home, onReport: (report) => boxes.check(report) });
  const killer = new Killer(fleet, new Random(seed).for("killer"));
  const until = performance.now() + minutes * 60_000;
  let gateKb = 0;
  let hasEnded = false;
  program.status.then(() => hasEnded = true);
  // The end at a signal is that of a run: nothing stays mounted.
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => hasEnded = true);
  }
  while (performance.now() < until && !hasEnded) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    gateKb = Math.max(gateKb, await largestGate(fleet));
  }
  await killer.stop();
  const observed = await program.finish();
  const left = await findLeftovers(fleet, modules);
  print(`faults made:\n${table(killer.counts)}`);
  print(`results:\n${statusTable(observed.reports)}`);
  print(`errors:\n${errorTable(observed.reports)}`);
  const { memoryKb } = observed;
  const mostKb = Math.max(...memoryKb.slice(0, Math.ceil(memoryKb.length / 2)));
  print(
    `${observed.reports.length} results; the program held ${mb(mostKb)} at ` +
      `most in its first half, ${mb(memoryKb.at(-1) ?? 0)} at the end, and ` +
      `${observed.descriptors} descriptors; a gate at most ${mb(gateKb)}`,
  );
  return [
    ...await untruths(fleet, observed),
    ...boxes.faults,
    ...observed.faults,
    ...endOf(observed, fleet.hosts.length),
    ...(memoryKb.at(-1) ?? 0) > mostKb + GROWTH_KB
      ? [`the program's memory grew: ${memoryKb.map(mb).join(" ")}`]
      : [],
    ...gateKb > GATE_KB ? [`a gate held ${mb(gateKb)}`] : [],
    ...left.map((what) => `left: ${what}`),
  ];
}

/** What a push says against what is in the host's box. */
class Boxes {
  readonly faults: string[] = [];
  readonly #boxes: ReadonlyMap<string, string>;

  constructor(fleet: ChaosFleet) {
    this.#boxes = new Map(fleet.hosts.map(({ name, box }) => [name, box]));
  }

  check({ kind, id, host, status, error }: Report): void {
    const size = /^push of (\d+)$/.exec(kind)?.[1];
    if (size === undefined) return;
    const path = join(this.#boxes.get(host)!, id);
    const isDone = status === "ok" || status === "changed";
    try {
      const found = Deno.statSync(path).size;
      // A file is never seen before it is whole.
      if (found !== Number(size)) {
        this.faults.push(`${path} has ${found} bytes instead of ${size}`);
      }
      if (isDone) Deno.removeSync(path);
    } catch {
      if (isDone) {
        this.faults.push(
          `push ${id} to ${host} is ${status}: ${error}, without a file`,
        );
      }
    }
  }
}

async function untruths(
  fleet: ChaosFleet,
  { reports, chains }: Observed,
): Promise<string[]> {
  const journals = new Map<string, Map<string, Noted>>();
  for (const { name, journal } of fleet.hosts) {
    journals.set(name, readJournal(await Deno.readTextFile(journal)));
  }
  const faults: string[] = [];
  for (const report of reports) {
    if (report.status === "lost") {
      faults.push(
        `${report.kind} ${report.id} has no result on ${report.host}`,
      );
    } else if (!/^(?:push|fetch)/.test(report.kind)) {
      const noted = journals.get(report.host)?.get(report.id);
      const fault = untruthOf(report, noted);
      if (fault !== undefined) faults.push(fault);
    }
  }
  for (const { host, ids } of chains) {
    for (const [i, id] of ids.slice(1).entries()) {
      const noted = journals.get(host);
      if (noted?.get(id)?.begun && !noted.get(ids[i]!)?.ended) {
        faults.push(`${id} began on ${host} before ${ids[i]} had ended`);
      }
    }
  }
  return faults;
}

function endOf(
  { recovered, descriptors = 0, code, stderr }: Observed,
  hosts: number,
): string[] {
  const bad = recovered?.filter((status) => status !== "ok") ?? [];
  return [
    ...recovered === undefined ? ["the last calls never ended"] : [],
    ...bad.map((status) => `a last call: ${status}`),
    ...descriptors > 40 + 8 * hosts
      ? [`the program has ${descriptors} descriptors`]
      : [],
    ...code === 0 ? [] : [`the program ended with ${code}`],
    ...stderr === "" ? [] : [`the program printed: ${stderr.slice(0, 2000)}`],
  ];
}

async function largestGate({ openssh }: ChaosFleet): Promise<number> {
  const gates = (await openssh.processes())
    .filter(({ command }) => command.includes("python"));
  const held = await Promise.all(gates.map(({ pid }) => usageOf(pid)));
  return Math.max(0, ...held.map((usage) => usage?.residentKb ?? 0));
}

function mb(kb: number): string {
  return `${(kb / 1024).toFixed(1)} MB`;
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

if (import.meta.main) await runProgram({ usage: USAGE, main });
