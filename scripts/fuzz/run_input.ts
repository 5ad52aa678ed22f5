// Reads one input with a target, and says what is wrong about that.
import process from "node:process";
import { Disagreement, faultOf, type Target } from "./target.ts";

/** The most CPU time that reading an input may take, in ms. */
const LONGEST_MS = 1_000;
/** Compiling and collecting garbage take time, too: the fastest try counts. */
const TRIES = 3;

/** Why a target does not read an input as it should; undefined when it does. */
export async function faultIn(
  target: Target,
  input: Uint8Array,
): Promise<string | undefined> {
  let fastestMs = Infinity;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const began = cpuMs();
    try {
      await readOne(target, input);
    } catch (error) {
      const fault = faultOf(error);
      if (fault !== undefined) return fault;
    }
    fastestMs = Math.min(fastestMs, cpuMs() - began);
    if (fastestMs < LONGEST_MS) return undefined;
  }
  return `it took ${fastestMs.toFixed(0)} ms`;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function readOne(target: Target, input: Uint8Array): Promise<void> {
  await target.read?.(input);
  const [difference] = await target.compare?.([input]) ?? [];
  if (difference !== undefined) throw new Disagreement(difference);
}
