import { assertThrows } from "@std/assert";
import { RekeyBudget } from "../../../../src/transport/ssh/guard/rekey_budget.ts";

Deno.test("a host may ask for new keys ten times at once, but not eleven times", () => {
  const budget = new RekeyBudget(0);
  for (let i = 0; i < 10; i++) budget.take({ bytes: 0, nowMs: 0 });
  assertThrows(
    () => budget.take({ bytes: 0, nowMs: 0 }),
    Error,
    "it asked for new keys too often",
  );
});

Deno.test("a host may go on asking after each megabyte, and after each ten seconds", () => {
  const MB = 1024 * 1024;
  const busy = new RekeyBudget(0);
  for (let i = 1; i < 100; i++) busy.take({ bytes: i * MB, nowMs: 0 });
  const idle = new RekeyBudget(0);
  for (let i = 1; i < 100; i++) idle.take({ bytes: 0, nowMs: i * 10_000 });
});
