// Every input that fuzzing has kept is read without a fault: `deno task fuzz` adds them.
import { assertEquals } from "@std/assert";
import { readCorpus } from "../../../scripts/fuzz/corpus.ts";
import { faultIn } from "../../../scripts/fuzz/run_input.ts";
import { TARGETS } from "../../../scripts/fuzz/targets.ts";

for (const target of TARGETS) {
  const inputs = await readCorpus(target.name);
  if (inputs.size === 0) continue;
  const reason = target.missing;
  Deno.test({
    name: `${target.name} reads what fuzzing has found${
      reason === undefined ? "" : ` [skipped: no ${reason}]`
    }`,
    ignore: reason !== undefined,
    fn: async () => {
      try {
        for (const [name, input] of inputs) {
          assertEquals(await faultIn(target, input), undefined, name);
        }
      } finally {
        await target.end?.();
      }
    },
  });
}
