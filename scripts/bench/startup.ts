// Measures `--version`, help and a completion, compared with a program that does
// nothing: both as binaries, as users get them, and both from source.
import {
  type Bench,
  ftl,
  ratioRow,
  type Row,
  script,
  withFolder,
} from "./bench.ts";
import { compare, type Program } from "./measure.ts";
import { bundleOf, NOTHING, pack } from "./packed.ts";

const ROUNDS = 21;

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  "ftl --version": ["--version"],
  "ftl --help": ["--help"],
  "ftl run --help": ["run", "--help"],
  "a completion": ["complete", "patterns", "we", "run", "-l", "we", "--"],
};

/**
 * `--version`, help and a completion, compared with an empty program. Only binaries
 * have a budget, because users do not run sources.
 */
export const startup: Bench = async () => {
  const packed = await withFolder(async (folder) => {
    const { paths, env } = await pack({
      ftl: await bundleOf("main.ts"),
      empty: NOTHING,
    }, folder);
    const start = (argv: readonly string[]) => ({
      argv: [paths.ftl, ...argv],
      env,
    });
    return await against({ argv: [paths.empty], env }, start, "the binary");
  });
  const start = (argv: readonly string[]) => ({ argv: ftl(...argv) });
  const source = await against({ argv: script("empty.ts") }, start, "sources");
  return [
    ...packed,
    ...source.map((row) => ({ ...row, budget: "", met: null })),
  ];
};

async function against(
  empty: Program,
  start: (argv: readonly string[]) => Program,
  form: string,
): Promise<Row[]> {
  const programs: Record<string, Program> = { empty };
  for (const [name, argv] of Object.entries(COMMANDS)) {
    programs[name] = start(argv);
  }
  const cost = await compare(programs, ROUNDS);
  return Object.keys(COMMANDS).map((name) =>
    ratioRow(`${name}, ${form}`, {
      // CPU time: on a busy machine wall time includes other programs.
      ms: cost[name]!.cpuMs,
      baseMs: cost.empty!.cpuMs,
      base: "an empty program",
      budget: 1.5,
    })
  );
}
