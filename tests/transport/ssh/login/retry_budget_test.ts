import { assertEquals } from "@std/assert";
import {
  type RetryBudget,
  RetryBudgets,
} from "../../../../src/transport/ssh/login/retry_budget.ts";

/** How many attempts a connection may make until it gives up, at most 100. */
function attemptsOf(budget: RetryBudget): number {
  while (budget.failed() && budget.attempts < 100);
  return budget.attempts;
}

Deno.test("a connection that is alone at its server has eight attempts", () => {
  assertEquals(attemptsOf(new RetryBudgets(0).start("a")), 8);
});

Deno.test("a connection to another server does not count as company", () => {
  const budgets = new RetryBudgets(0);
  budgets.start("b");
  assertEquals(attemptsOf(budgets.start("a")), 8);
});

Deno.test("attempts are unlimited while another connection to the server opens", () => {
  const budgets = new RetryBudgets(0);
  const other = budgets.start("a");
  const budget = budgets.start("a");
  assertEquals(attemptsOf(budget), 100);
  other.end();
  for (let left = 7; left > 0; left--) assertEquals(budget.failed(), true);
  assertEquals(budget.failed(), false);
});

Deno.test("a connection is alone again after all others have ended", () => {
  const budgets = new RetryBudgets(0);
  budgets.start("a").end();
  assertEquals(attemptsOf(budgets.start("a")), 8);
});

Deno.test("pause() ends when its signal aborts", async () => {
  const budget = new RetryBudgets(3_600_000).start("a");
  budget.failed();
  const stop = new AbortController();
  const pause = budget.pause(stop.signal);
  stop.abort();
  await pause; // the test runner reports a timer that is left
});

Deno.test("a connection that counts as alone has as many attempts as it is given", () => {
  const budgets = new RetryBudgets(0);
  const [one, two] = [budgets.start("server"), budgets.start("server")];
  const made = [1, 2, 3].map(() => one.failed({ limit: 3, isAlone: true }));
  assertEquals(made, [true, true, false]);
  one.end();
  two.end();
});
