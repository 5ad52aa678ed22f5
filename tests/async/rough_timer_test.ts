import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { startRoughTimer } from "../../src/async/rough_timer.ts";

Deno.test("rough timers call back once, in order, and none too early", async () => {
  const began = performance.now();
  const rung: [string, number][] = [];
  const ring = (name: string) => rung.push([name, performance.now() - began]);
  const { promise, resolve } = Promise.withResolvers<void>();
  startRoughTimer(() => {
    ring("late");
    resolve();
  }, 1_100);
  startRoughTimer(() => ring("early"), 5);
  await promise;
  assertEquals(rung.map(([name]) => name), ["early", "late"]);
  assertGreaterOrEqual(rung[0]![1], 4);
  assertGreaterOrEqual(rung[1]![1], 1_099);
});

Deno.test("a rough timer that was cancelled does not call back, and leaves no timer", async () => {
  let rung = 0;
  const stops = [1, 5_000_000, 3_000_000, Infinity]
    .map((ms) => startRoughTimer(() => rung++, ms));
  // A leaked timer would fail this test.
  for (const stop of stops) stop();
  const { promise, resolve } = Promise.withResolvers<void>();
  startRoughTimer(resolve, 1);
  await promise;
  assertEquals(rung, 0);
});

Deno.test("the same function may wait twice", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let rung = 0;
  const ring = () => {
    if (++rung === 2) resolve();
  };
  startRoughTimer(ring, 1);
  startRoughTimer(ring, 1);
  await promise;
});
