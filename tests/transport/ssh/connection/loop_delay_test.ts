import { assert, assertEquals } from "@std/assert";
import { LoopDelay } from "../../../../src/transport/ssh/connection/loop_delay.ts";

function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until) { /* as a busy process does */ }
}

Deno.test("work that holds up the process is counted, also while it lasts", () => {
  const delay = new LoopDelay();
  const unwatch = delay.watch();
  work(120);
  assert(delay.lateMs >= 90, `${delay.lateMs} ms`);
  unwatch();
  assert(delay.lateMs >= 90, `${delay.lateMs} ms`);
});

Deno.test("nothing is counted while it is not watched", () => {
  const delay = new LoopDelay();
  delay.watch()();
  work(50);
  assertEquals(delay.lateMs, 0);
});
