// V8's young generation in a worker. Hundreds of hosts that are under way at once
// outlive many collections of a small one, so that it is searched again and again;
// where hosts only stay open, a small one takes less memory (docs/performance.md).

/** Half of it, in MiB: what V8 fills between two collections. */
const HALF_MIB = 8;

const V8_FLAGS = "--v8-flags=";
const OWN = `--max-semi-space-size=${HALF_MIB}`;

/**
 * The command line of a program for a worker: Deno's options, or nothing for a
 * compiled program, whose options are fixed.
 */
export function withYoungGeneration(args: readonly string[]): string[] {
  if (args[0] !== "run") return [...args];
  const [run, ...options] = args;
  const flags = options.find((option) => option.startsWith(V8_FLAGS)) ?? "";
  const others = flags.slice(V8_FLAGS.length).split(",")
    .filter((flag) => flag !== "" && !flag.startsWith("--max-semi-space-size"));
  const rest = options.filter((option) => option !== flags);
  return [run!, V8_FLAGS + [OWN, ...others].join(","), ...rest];
}
