// `deno task bench publish`: measures ftl and its peers, keeps the figures in
// docs/performance/results.json, and draws them (draw_all.ts). Takes ten minutes on
// an idle machine. `--once` measures everything once, and `--quick` measures little
// and keeps nothing.
import type { Lab } from "./lab.ts";
import { missingPeers, PUBLISHED, QUICK, startLab } from "./lab.ts";
import { tell } from "./compare_programs.ts";
import { drawAll, readResults, RESULTS } from "./draw_all.ts";
import { machineText, versionsOf } from "./machine.ts";
import type { ResultCase } from "./results.ts";
import { farCase } from "./cases/far_away.ts";
import { fileCase, filesCase } from "./cases/files.ts";
import {
  againCase,
  callsCase,
  commandCase,
  firstCase,
} from "./cases/on_many_hosts.ts";
import { UsageError } from "../../run_program.ts";
import { startCase } from "./cases/start.ts";
import { wireCase } from "./cases/wire.ts";

const CASES: Readonly<Record<string, (lab: Lab) => Promise<ResultCase>>> = {
  first: firstCase,
  again: againCase,
  calls: callsCase,
  far: farCase,
  command: commandCase,
  file: fileCase,
  files: filesCase,
  wire: wireCase,
  start: startCase,
};

/**
 * Measures all comparisons, or those that are named, and draws them.
 *
 * @returns the exit status.
 * @throws {UsageError} at an unknown comparison.
 */
export async function publish(words: readonly string[]): Promise<number> {
  const isQuick = words.includes("--quick");
  const isOnce = words.includes("--once");
  const names = words.filter((word) => !/^--(?:quick|once)$/.test(word));
  const unknown = names.find((name) => !Object.hasOwn(CASES, name));
  if (unknown !== undefined) {
    const known = Object.keys(CASES).join(", ");
    throw new UsageError(`Unknown comparison ${unknown}: use ${known}`);
  }
  const missing = missingPeers();
  if (missing.length > 0) {
    tell(`Cannot compare: install ${missing.join(", ")}\n`);
    return 2;
  }
  const before = Deno.loadavg()[0]!;
  const began = performance.now();
  const cases: ResultCase[] = [];
  await using lab = await startLab({
    ...isQuick ? QUICK : PUBLISHED,
    ...isOnce ? { rounds: 1 } : {},
  });
  for (const [name, measure] of Object.entries(CASES)) {
    if (names.length > 0 && !names.includes(name)) continue;
    tell(`${name} …\n`);
    cases.push(await measure(lab));
  }
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  tell(`Measured in ${minutes} minutes, from a load of ${before}\n`);
  if (isQuick) return 0;
  // Comparisons that were not measured keep their figures, and their machine.
  const kept = names.length > 0 ? (await readResults()).cases : [];
  const all = Object.keys(CASES).map((id) =>
    cases.find((each) => each.id === id) ?? kept.find((each) => each.id === id)
  ).filter((each) => each !== undefined);
  const results = {
    measured: new Date().toISOString(),
    machine: await machineText(),
    load: before,
    versions: await versionsOf(),
    cases: all,
  };
  await Deno.writeTextFile(RESULTS, JSON.stringify(results, null, 2) + "\n");
  await drawAll();
  return 0;
}
