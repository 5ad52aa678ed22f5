import { assertEquals, assertThrows } from "@std/assert";
import { readNumbers } from "../../scripts/number_options.ts";
import { UsageError } from "../../scripts/run_program.ts";

Deno.test("readNumbers() reads numbers, and has defaults", () => {
  const defaults = { seed: 1, hosts: 5 };
  assertEquals(readNumbers([], defaults), defaults);
  assertEquals(readNumbers(["--seed", "7"], defaults), { seed: 7, hosts: 5 });
});

const REFUSED = {
  "--help": "Unknown option --help: use --seed, --hosts",
  "seed 7": "Unknown option seed: use --seed, --hosts",
  "--toString 7": "Unknown option --toString: use --seed, --hosts",
  "--hosts 5 --seed": "Cannot read the number of --seed: it is missing",
  "--seed x": "Cannot read the number of --seed: it is x",
  "--seed -1": "Cannot read the number of --seed: it is -1",
};

for (const [args, says] of Object.entries(REFUSED)) {
  Deno.test(`readNumbers() refuses ${args}`, () => {
    const defaults = { seed: 1, hosts: 5 };
    assertThrows(
      () => readNumbers(args.split(" "), defaults),
      UsageError,
      says,
    );
  });
}
