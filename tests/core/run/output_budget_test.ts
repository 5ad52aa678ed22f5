import { assert, assertEquals } from "@std/assert";
import { OutputBudget } from "../../../src/core/run/output_budget.ts";
import type { HostResult } from "../../../src/core/call/call.ts";

const MIB = 1024 * 1024;

function resultWith(result: HostResult["result"], stdout?: string): HostResult {
  return {
    host: "a",
    status: "ok",
    changed: false,
    rc: 0,
    duration_ms: 1,
    phases_ms: {},
    result,
    ...(stdout === undefined ? {} : { stdout }),
    error: null,
  };
}

Deno.test("each host may hold the same part of the run's output", () => {
  const budget = new OutputBudget({ hosts: 16 });
  const parts = Array.from(
    { length: 16 },
    () => budget.share().grant(30 * MIB),
  );
  assertEquals(parts, Array(16).fill(4 * MIB));
});

Deno.test("a host may hold a little when the run's whole output is used up", () => {
  const budget = new OutputBudget({ hosts: 1000, total: 10 * MIB });
  let held = 0;
  for (let i = 0; i < 1000; i++) held += budget.share().grant(5 * MIB);
  assertEquals(held, 10 * MIB + 990 * 16 * 1024);
});

Deno.test("what was released can be held again", () => {
  const budget = new OutputBudget({ hosts: 1, total: MIB });
  const share = budget.share();
  assertEquals(share.grant(2 * MIB), MIB);
  share.release();
  assertEquals(budget.share().grant(2 * MIB), MIB);
});

Deno.test("fit() cuts a result that is too large, and marks where", () => {
  const budget = new OutputBudget({ hosts: 1, total: MIB });
  const small = resultWith({ a: [1, "x"] });
  assertEquals(budget.share().fit(small), small);
  const items = Array.from({ length: 200_000 }, (_, i) => i);
  const cut = budget.share().fit(
    resultWith({ text: "x".repeat(100_000), items }, "y".repeat(MIB)),
  );
  const { text, items: kept } = cut.result as {
    text: string;
    items: unknown[];
  };
  assertEquals(text.length, 100_000);
  assert(kept.length < 70_000);
  assertEquals(
    kept.at(-1),
    `[${200_001 - kept.length} more were left out]`,
  );
  assertEquals(cut.stdout, `\n[${MIB} bytes more were left out]\n`);
});
