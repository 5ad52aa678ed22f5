// `deno task bench [NAME…]`: measures the budgets of docs/performance.md on this
// machine, and prints a table. Exits with 1 when one is not met.
// `deno task bench publish` compares ftl with its peers, and `charts` draws what that
// has measured (publish/).
import { build } from "./build.ts";
import type { Bench, Row } from "./bench.ts";
import { cold } from "./cold.ts";
import { consoleBench } from "./console.ts";
import { inventory } from "./inventory.ts";
import { files } from "./files.ts";
import { latency } from "./latency.ts";
import { nats } from "./nats.ts";
import { gates } from "./open_gates.ts";
import { natsMany } from "./nats_many.ts";
import { memory } from "./memory.ts";
import { render } from "./render.ts";
import { scale } from "./scale.ts";
import { secondRun } from "./second_run.ts";
import { startup } from "./startup.ts";
import { inLines, runProgram, UsageError } from "../run_program.ts";
import { warm } from "./warm.ts";
import { wire } from "./wire.ts";
import { workers } from "./workers.ts";

const BENCHES: Readonly<Record<string, Bench>> = {
  startup,
  build,
  cold,
  warm,
  console: consoleBench,
  session: secondRun,
  latency,
  render,
  inventory,
  wire,
  memory,
  gates,
  files,
  workers,
  nats,
  nats_many: natsMany,
  scale,
};

const USAGE = `Usage: deno task bench [NAME…]
       deno task bench publish [--once | --quick] [COMPARISON…]
       deno task bench charts

Measures the budgets of docs/performance.md, and prints a table. Exits with 1 when
one is not met. With publish, compares ftl with its peers and keeps the figures;
with charts, draws these.

  --once   measures everything once
  --quick  measures little, and keeps nothing

Benchmarks (default: all):
${inLines(Object.keys(BENCHES))}`;

async function main(names: readonly string[]): Promise<number> {
  if (names[0] === "publish") {
    const { publish } = await import("./publish/publish.ts");
    return await publish(names.slice(1));
  }
  if (names[0] === "charts") {
    const { drawAll } = await import("./publish/draw_all.ts");
    await drawAll();
    return 0;
  }
  const unknown = names.find((name) => !Object.hasOwn(BENCHES, name));
  if (unknown !== undefined) {
    throw new UsageError(`Unknown benchmark ${unknown}`);
  }
  const rows: Row[] = [];
  for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
    print(Deno.stderr, `${name} …\n`);
    rows.push(...await BENCHES[name]!());
  }
  print(Deno.stdout, tableText(rows));
  return rows.some((row) => row.met === false) ? 1 : 0;
}

function tableText(rows: readonly Row[]): string {
  const lines = [
    ["what", "figure", "against", "budget", ""],
    ...rows.map((row) => [
      row.what,
      row.figure,
      row.against,
      row.budget,
      row.met === null ? "" : row.met ? "met" : "NOT MET",
    ]),
  ];
  const widths = lines[0]!.map((_, column) =>
    Math.max(...lines.map((line) => line[column]!.length))
  );
  return lines.map((line) =>
    line.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd() + "\n"
  ).join("");
}

function print(to: { writeSync(bytes: Uint8Array): number }, text: string) {
  to.writeSync(new TextEncoder().encode(text));
}

if (import.meta.main) await runProgram({ usage: USAGE, main });
