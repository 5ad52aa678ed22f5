// How long ftl takes to say its version and its help, against a program that
// does nothing.
import { type Bench, ftl, ratioRow, script } from "./bench.ts";
import { compare } from "./measure.ts";

/** `--version` and `--help` against an empty program. */
export const startup: Bench = async () => {
  const cost = await compare({
    empty: { argv: script("empty.ts") },
    version: { argv: ftl("--version") },
    help: { argv: ftl("--help") },
  }, 11);
  return (["version", "help"] as const).map((name) =>
    ratioRow(`ftl --${name}`, {
      ms: cost[name].wallMs,
      baseMs: cost.empty.wallMs,
      base: "an empty program",
      budget: 1.5,
    })
  );
};
