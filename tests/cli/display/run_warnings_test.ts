import { assertEquals } from "@std/assert";
import { createRunWarnings } from "../../../src/cli/display/run_warnings.ts";

Deno.test("the warnings of runs are shown as they start, each once", () => {
  let said = "";
  const renderer = createRunWarnings((text) => said += text);
  const start = {
    event: "run_start" as const,
    t: 0,
    run: "r",
    module: "old",
    args: {},
    hosts: ["h"],
    started: "2026-01-01T00:00:00Z",
  };
  for (const warnings of [["a", "b"], ["b", "c"]]) {
    renderer.event({ ...start, warnings });
  }
  renderer.event(start);
  assertEquals(said, "ftl: a\nftl: b\nftl: c\n");
});
