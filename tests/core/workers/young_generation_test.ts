import { assertEquals } from "@std/assert";
import { withYoungGeneration } from "../../../src/core/workers/young_generation.ts";

Deno.test("a worker has a larger young generation than the command that starts it", () => {
  const flag = "--v8-flags=--max-semi-space-size=8";
  assertEquals(
    withYoungGeneration([
      "run",
      "--quiet",
      "--v8-flags=--max-semi-space-size=1,--no-lazy",
      "main.js",
    ]),
    ["run", `${flag},--no-lazy`, "--quiet", "main.js"],
  );
  assertEquals(withYoungGeneration(["run", "-A", "main.ts"]), [
    "run",
    flag,
    "-A",
    "main.ts",
  ]);
});

Deno.test("the options of a compiled program are fixed", () => {
  assertEquals(withYoungGeneration([]), []);
});
