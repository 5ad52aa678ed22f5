// `deno task fuzz`: gives all code that reads what others wrote odd inputs. It must
// neither crash nor hang nor take much memory, and throw only errors of ours. What finds
// a fault is kept in tests/fixtures/fuzz/, where an ordinary test reads it again.
import { fromFileUrl } from "@std/path";
import { readNumbers } from "../number_options.ts";
import { inLines, runProgram, UsageError } from "../run_program.ts";
import { keepInput } from "./corpus.ts";
import { readCurrentInput } from "./current_input.ts";
import type { FuzzLine, FuzzOptions } from "./fuzz_target.ts";
import { HangWatch } from "./hang_watch.ts";
import { linesOf } from "./oracle.ts";
import type { Target } from "./target.ts";
import { TARGETS } from "./targets.ts";

/** The most that a target's process may hold, in MB. */
const MOST_MB = 900;

const USAGE = `Usage: deno task fuzz [OPTIONS] [TARGET…]

Gives odd inputs to all code that reads what others wrote. Exits with 1 when one
crashes it, hangs it, takes much memory, or throws an error that is not ftl's;
that input is kept in tests/fixtures/fuzz.

  --minutes N  how long, for all targets (default: 1)
  --inputs N   how many inputs, instead of a time
  --seed N     makes the same inputs again (default: another each time)

Targets (default: all):
${inLines(TARGETS.map(({ name }) => name))}`;

interface Found {
  inputs: number;
  faults: number;
  mostMb: number;
}

async function main(args: readonly string[]): Promise<number> {
  const names = args.filter((arg, i) =>
    !arg.startsWith("--") && !args[i - 1]?.startsWith("--")
  );
  const numbers = args.filter((arg) => !names.includes(arg));
  const { minutes, inputs, seed } = readNumbers(numbers, {
    minutes: 1,
    inputs: 0,
    seed: Math.floor(Math.random() * 1e9),
  });
  const known = TARGETS.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`Unknown target ${unknown}`);
  }
  const targets = TARGETS.filter(({ name, missing }) => {
    if (names.length > 0 && !names.includes(name)) return false;
    if (missing !== undefined) print(`${name} [skipped: no ${missing}]`);
    return missing === undefined;
  });
  print(`seed ${seed}`);
  const shares = targets.reduce((sum, { share = 1 }) => sum + share, 0);
  const began = performance.now();
  let faults = 0;
  let all = 0;
  for (const target of targets) {
    const part = (target.share ?? 1) / shares;
    const found = await fuzz(target, {
      seed,
      ...inputs > 0
        ? { inputs: Math.ceil(inputs * part) }
        : { timeMs: minutes * 60_000 / targets.length },
    });
    print(
      `${target.name.padEnd(18)} ${String(found.inputs).padStart(8)} inputs, ` +
        `${found.faults} faults, ${found.mostMb} MB at most`,
    );
    faults += found.faults;
    all += found.inputs;
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  print(`${all} inputs, ${faults} faults, seed ${seed}, ${seconds} s`);
  return faults === 0 ? 0 : 1;
}

async function fuzz(
  target: Target,
  most: Pick<FuzzOptions, "seed" | "inputs" | "timeMs">,
): Promise<Found> {
  const found = { inputs: 0, faults: 0, mostMb: 0 };
  const current = await Deno.makeTempFile({ prefix: "ftl-fuzz-" });
  const options: FuzzOptions = { target: target.name, current, ...most };
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      fromFileUrl(new URL("fuzz_target.ts", import.meta.url)),
      JSON.stringify(options),
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const watch = new HangWatch(child);
  const report = async (fault: string, input: Uint8Array) => {
    found.faults++;
    const path = await keepInput(target.name, input);
    print(`FAULT in ${target.name}: ${fault}\n  input: ${path}`);
  };
  try {
    for await (const line of linesOf(child.stdout)) {
      watch.isAlive();
      const said: FuzzLine = JSON.parse(line);
      if (said.type === "fault") {
        await report(said.fault, Uint8Array.fromBase64(said.input));
      } else {
        found.inputs += said.inputs;
        found.mostMb = Math.max(found.mostMb, said.residentMb);
      }
    }
    const { code } = await child.status;
    if (code !== 0) {
      const why = watch.hasEnded
        ? "it hangs"
        : `it crashed: ${(await stderr).slice(-500)}`;
      await report(why, await readCurrentInput(current));
    } else if (found.mostMb > MOST_MB) {
      await report(`it holds ${found.mostMb} MB`, new Uint8Array());
    }
  } finally {
    watch.stop();
    await Deno.remove(current);
  }
  return found;
}

/** Words in indented lines of up to 80 columns. */
function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

if (import.meta.main) await runProgram({ usage: USAGE, main });
