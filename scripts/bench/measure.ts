// Measures programs. They are compared by running them in turns, so that other load
// affects all of them.

/** The cost of one run of a program. */
export interface Cost {
  readonly wallMs: number;
  /** User and system time of the program and of the children it waited for. */
  readonly cpuMs: number;
  /** CPU time of the hosts; 0 when it is not measured. */
  readonly hostCpuMs: number;
}

/** A program with arguments and additional environment variables. */
export interface Program {
  readonly argv: readonly string[];
  readonly env?: Record<string, string>;
  /** Called before each run, and not measured. */
  readonly before?: () => Promise<void>;
  /** The CPU time that the hosts have used so far. */
  readonly hostCpuMs?: () => Promise<number>;
}

/**
 * Runs a program to its end.
 *
 * @throws {Error} with its output, when it fails.
 */
export async function measure(
  { argv, env = {}, before, hostCpuMs }: Program,
): Promise<Cost> {
  await before?.();
  const spent = await hostCpuMs?.() ?? 0;
  // bash's `time` counts in milliseconds; /proc would count in hundredths.
  const script = 'exec 3>&2; TIMEFORMAT="ftl-bench %R %U %S"; ' +
    'time "$@" 2>&3';
  const { success, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", script, "bench", ...argv],
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const errors = new TextDecoder().decode(stderr);
  const [, wall, user, system] =
    /^ftl-bench (\S+) (\S+) (\S+)$/m.exec(errors) ?? [];
  if (!success || wall === undefined) {
    const output = new TextDecoder().decode(stdout);
    throw new Error(`Cannot measure ${argv.join(" ")}: ${output}${errors}`);
  }
  return {
    wallMs: Number(wall) * 1000,
    cpuMs: (Number(user) + Number(system)) * 1000,
    hostCpuMs: (await hostCpuMs?.() ?? 0) - spent,
  };
}

/** The middle value; the lower one of two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) {
    throw new RangeError("Cannot take a median: there are no values");
  }
  return middle;
}

/** The medians of programs that run in turns, `rounds` times each. */
export async function compare<Name extends string>(
  programs: Readonly<Record<Name, Program>>,
  rounds: number,
): Promise<Record<Name, Cost>> {
  const names = Object.keys(programs) as Name[];
  const costs = names.map((): Cost[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, name] of names.entries()) {
      costs[i]!.push(await measure(programs[name]));
    }
  }
  const medians = names.map((name, i) => [name, {
    wallMs: median(costs[i]!.map((cost) => cost.wallMs)),
    cpuMs: median(costs[i]!.map((cost) => cost.cpuMs)),
    hostCpuMs: median(costs[i]!.map((cost) => cost.hostCpuMs)),
  }]);
  return Object.fromEntries(medians);
}
