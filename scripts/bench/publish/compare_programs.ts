// Runs the programs of a comparison in turns, so that other load of the machine
// affects all of them, and takes the medians.
import { median } from "../measure.ts";
import {
  Controller,
  type MeasuredCost,
  type MeasuredProgram,
} from "./controller.ts";
import type { Lab } from "./lab.ts";
import type { Quantity, ResultCase, ResultRow } from "./results.ts";

/** A program of a comparison. */
export interface Contender extends MeasuredProgram {
  readonly program: string;
  /** How its command is shown. */
  readonly command: string;
  /** Run once before all rounds, on the same controller, and not measured. */
  readonly prepare?: (controller: Controller) => Promise<unknown>;
  /** What is run before each round. */
  readonly reset?: (controller: Controller) => Promise<unknown>;
}

/** How a comparison is measured. */
export interface CompareOptions {
  readonly rounds: number;
  /** The process ID of the server of the hosts. */
  readonly hosts?: number;
  /** Runs each once more, to sample its memory. */
  readonly memory?: boolean;
}

const MEASURED = ["wall_ms", "cpu_ms", "host_cpu_ms"] as const;

/** The medians of all programs; one that fails has none, and the others still run. */
export async function comparePrograms(
  contenders: readonly Contender[],
  { rounds, hosts, memory = false }: CompareOptions,
): Promise<ResultRow[]> {
  const lanes = contenders.map((contender) => ({
    contender,
    controller: new Controller(hosts),
    costs: [] as MeasuredCost[],
    failure: undefined as string | undefined,
  }));
  try {
    for (let round = 0; round < rounds + Number(memory); round++) {
      for (const lane of lanes) {
        if (lane.failure !== undefined) continue;
        const { contender, controller, costs } = lane;
        try {
          if (round === 0) await contender.prepare?.(controller);
          await contender.reset?.(controller);
          costs.push(
            await controller.run(contender, {
              memory: round === rounds,
            }),
          );
        } catch (error) {
          lane.failure = error instanceof Error ? error.message : String(error);
          tell(`    ${contender.program}: ${lane.failure}\n`);
        }
      }
    }
  } finally {
    await Promise.all(
      lanes.map(({ controller }) => controller[Symbol.asyncDispose]()),
    );
  }
  return lanes.map(({ contender: { program, command }, costs, failure }) => {
    const row = { program, command };
    if (failure !== undefined) {
      return { ...row, values: {}, failure: failure.split("\n")[0]! };
    }
    const values: Partial<Record<Quantity, number | null>> = {};
    for (const name of MEASURED) {
      const all = costs.slice(0, rounds).map((cost) => cost[name]);
      values[name] = all.includes(null) ? null : round(median(all as number[]));
    }
    if (memory) values.memory_bytes = costs.at(-1)!.memory_bytes;
    tell(`    ${program}: ${JSON.stringify(values)}\n`);
    return { ...row, values };
  });
}

/** Compares programs on the hosts of a lab, with all that can be measured there. */
export async function compareOnHosts(
  { fleet, sizes }: Lab,
  about: Pick<ResultCase, "id" | "title" | "about">,
  contenders: readonly Contender[],
): Promise<ResultCase> {
  const rows = await comparePrograms(contenders, {
    rounds: sizes.rounds,
    hosts: fleet.sshd.pid,
    memory: true,
  });
  const quantities: Quantity[] = [...MEASURED, "memory_bytes"];
  return { ...about, quantities, rows };
}

/** Prints progress. */
export function tell(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
