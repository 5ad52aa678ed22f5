import { assertEquals } from "@std/assert";
import { PhaseClock } from "../../../src/core/result/phase_clock.ts";

Deno.test("a PhaseClock reports each phase when it ends", () => {
  const told: string[] = [];
  const clock = new PhaseClock((phase) => told.push(phase));
  clock.begin("connect");
  clock.begin("connect");
  assertEquals(told, []);
  clock.begin("auth");
  clock.begin(undefined);
  clock.begin(undefined);
  assertEquals(told, ["connect", "auth"]);
  assertEquals(Object.keys(clock.ms), told);
});

Deno.test("a PhaseClock adds up the times of a repeated phase", () => {
  const told: number[] = [];
  const clock = new PhaseClock((_, ms) => told.push(ms));
  for (const phase of ["start", "upload", "start", undefined] as const) {
    clock.begin(phase);
  }
  assertEquals(told.length, 3);
  assertEquals(clock.ms, { start: told[0]! + told[2]!, upload: told[1]! });
});
