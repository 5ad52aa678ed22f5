// Fuzzes one target in this process, and prints lines of JSON. The input that is being
// read is in a file, where main.ts finds it after a crash or a hang.
//
//   fuzz_target.ts '{"target": "frames", "seed": 1, "inputs": 1000, "current": "/tmp/x"}'
import fc from "fast-check";
import { Random } from "../random.ts";
import { readCorpus } from "./corpus.ts";
import { CurrentInput } from "./current_input.ts";
import { mutate } from "./mutate.ts";
import { faultIn } from "./run_input.ts";
import { shrink } from "./shrink.ts";
import type { Target } from "./target.ts";
import { TARGETS } from "./targets.ts";

/** What to do. */
export interface FuzzOptions {
  readonly target: string;
  readonly seed: number;
  /** How many inputs it reads, at most. */
  readonly inputs?: number;
  /** For how long it goes on, at most, in ms. */
  readonly timeMs?: number;
  /** The file for the input that is being read. */
  readonly current: string;
}

/** What it prints. */
export type FuzzLine =
  | {
    readonly type: "read";
    readonly inputs: number;
    readonly residentMb: number;
  }
  | { readonly type: "fault"; readonly fault: string; readonly input: string };

const BATCH = 200;
/** From here on it waits for timers of earlier inputs, which keep what they are about. */
const MUCH_MB = 500;
const TIMERS_MS = 6_000;
/** Faults after which it gives up: they are likely to be the same. */
const MOST_FAULTS = 5;

async function main(options: FuzzOptions): Promise<void> {
  const target = TARGETS.find(({ name }) => name === options.target)!;
  try {
    await fuzz(target, options);
  } finally {
    await target.end?.();
  }
}

async function fuzz(target: Target, options: FuzzOptions): Promise<void> {
  const random = new Random(options.seed).for(options.target);
  const known = [...(await readCorpus(target.name)).values()];
  const faults = new Set<string>();
  const { inputs: most = Infinity, timeMs = Infinity } = options;
  const until = performance.now() + timeMs;
  using current = new CurrentInput(options.current);
  let rested = 0;
  for (let done = 0; done < most && performance.now() < until;) {
    const count = Math.min(BATCH, most - done);
    const inputs = makeInputs(target, known, random, count);
    for (const [input, fault] of await faultsIn(target, inputs, current)) {
      const kind = kindOf(fault);
      if (faults.has(kind)) continue;
      faults.add(kind);
      const shorter = await shrink(input, async (each) => {
        current.start([each]);
        print({ type: "read", inputs: 0, residentMb: 0 }); // it does not hang
        const found = await faultIn(target, each);
        return found !== undefined && kindOf(found) === kind;
      });
      print({ type: "fault", fault, input: shorter.toBase64() });
    }
    done += count;
    let residentMb = rssMb();
    if (residentMb > MUCH_MB && done - rested > BATCH * 50) {
      await new Promise((resolve) => setTimeout(resolve, TIMERS_MS));
      rested = done;
      residentMb = rssMb();
    }
    print({ type: "read", inputs: count, residentMb });
    if (faults.size >= MOST_FAULTS) return;
  }
}

function rssMb(): number {
  return Math.round(Deno.memoryUsage().rss / 1e6);
}

function makeInputs(
  target: Target,
  known: readonly Uint8Array[],
  random: Random,
  count: number,
): Uint8Array[] {
  const encoder = new TextEncoder();
  const made = fc.sample(target.grammar, {
    seed: random.int(0, 2 ** 30),
    numRuns: count,
  }).map((each) => typeof each === "string" ? encoder.encode(each) : each);
  if (target.mutates === false) return made;
  const others = [...made, ...known];
  return made.map((input) => {
    if (random.chance(0.5)) return input;
    const base = known.length > 0 && random.chance(0.1)
      ? random.pick(known)
      : input;
    return mutate(base, random.pick(others), random);
  });
}

async function faultsIn(
  target: Target,
  inputs: readonly Uint8Array[],
  current: CurrentInput,
): Promise<[Uint8Array, string][]> {
  const faults: [Uint8Array, string][] = [];
  current.start(inputs);
  if (target.read !== undefined) {
    for (const [i, input] of inputs.entries()) {
      if (i % 20 === 19) print({ type: "read", inputs: 0, residentMb: 0 });
      current.at(i);
      const fault = await faultIn(target, input);
      if (fault !== undefined) faults.push([input, fault]);
    }
    return faults;
  }
  const found = await target.compare!(inputs);
  for (const [i, fault] of found.entries()) {
    if (fault !== undefined) faults.push([inputs[i]!, fault]);
  }
  return faults;
}

/** What two faults with one cause have in common. */
function kindOf(fault: string): string {
  const [first = "", second = ""] = fault.split("\n");
  return `${first} ${second.trim()}`
    .replaceAll(/"[^"]*"|[0-9a-f]*\d[0-9a-f]*/g, "N").slice(0, 80);
}

function print(line: FuzzLine): void {
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(line) + "\n"));
}

if (import.meta.main) {
  await main(JSON.parse(Deno.args[0]!));
  Deno.exit(0);
}
