import { assertEquals } from "@std/assert";
import type { Status } from "../../../src/core/call/call.ts";
import { createGroups } from "../../../src/output/text/group.ts";
import { resultOf } from "../sample_run.ts";

function group(
  results: readonly [host: string, status: Status, body: string][],
) {
  const groups = createGroups(["a", "b", "c", "d"]);
  for (const [host, status, body] of results) {
    groups.add(resultOf(host, { status }), { label: status, lines: [body] });
  }
  return groups.list().map(({ hosts, label, lines }) =>
    `${hosts} ${label} ${lines}`
  );
}

Deno.test("createGroups() groups hosts with identical results, in the run's order", () => {
  assertEquals(
    group([["d", "ok", "x"], ["a", "ok", "x"], ["c", "ok", "y"]]),
    ["a,d ok x", "c ok y"],
  );
});

Deno.test("createGroups() lists groups by status, the largest group first", () => {
  assertEquals(
    group([
      ["a", "failed", "x"],
      ["b", "ok", "x"],
      ["c", "ok", "y"],
      ["d", "ok", "y"],
    ]),
    ["c,d ok y", "b ok x", "a failed x"],
  );
});

Deno.test("createGroups() separates bodies that differ only in their line breaks", () => {
  const groups = createGroups(["a", "b", "c"]);
  groups.add(resultOf("a"), { label: "ok", lines: ["x", ""] });
  groups.add(resultOf("b"), { label: "ok", lines: ["x"] });
  groups.add(resultOf("c"), { label: "ok", lines: [] });
  assertEquals(groups.list().map(({ lines }) => lines), [["x", ""], ["x"], []]);
});

Deno.test("createGroups() remembers the shortest and the longest call", () => {
  const groups = createGroups(["a", "b", "c"]);
  for (const [host, duration_ms] of [["a", 5], ["b", 90], ["c", 2]] as const) {
    groups.add(resultOf(host, { duration_ms }), { label: "ok", lines: [] });
  }
  const [only] = groups.list();
  assertEquals([only?.shortestMs, only?.longestMs], [2, 90]);
});
