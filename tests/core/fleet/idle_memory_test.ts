import { assertEquals } from "@std/assert";
import { IdleMemory } from "../../../src/core/fleet/idle_memory.ts";
import { HandClock } from "../../protocol/hand_clock.ts";

/** A thousand gates, and how often memory was given back for them. */
function setUp() {
  const clock = new HandClock();
  const seen = { collections: 0, heapBytes: 100 };
  const memory = new IdleMemory({
    collect: () => {
      seen.collections++;
      return Promise.resolve();
    },
    heapBytes: () => seen.heapBytes,
    startTimer: clock.startTimer,
  });
  const gates = Array.from({ length: 1_000 }, () => ({ pending: 0 }));
  return { clock, seen, memory, gates };
}

Deno.test("memory is given back once, when many gates are open and idle", async () => {
  const { clock, seen, memory, gates } = setUp();
  memory.enable();
  for (const gate of gates) memory.add(gate);
  assertEquals(seen.collections, 0);
  clock.pass(5_000);
  assertEquals(seen.collections, 1);
  await Promise.resolve();
  clock.pass(600_000);
  assertEquals(seen.collections, 1);
});

Deno.test("memory is not given back while a call waits or gates open", () => {
  const { clock, seen, memory, gates } = setUp();
  memory.enable();
  gates[7]!.pending = 1;
  for (const gate of gates) memory.add(gate);
  clock.pass(60_000);
  gates[7]!.pending = 0;
  for (let i = 0; i < 100; i++) {
    clock.pass(1_000);
    memory.add({ pending: 0 });
  }
  assertEquals(seen.collections, 0);
});

Deno.test("memory is given back again after a while when the heap has grown", async () => {
  const { clock, seen, memory, gates } = setUp();
  memory.enable();
  for (const gate of gates) memory.add(gate);
  clock.pass(5_000);
  await Promise.resolve();
  await Promise.resolve();
  seen.heapBytes = 150;
  clock.pass(15_000);
  assertEquals(seen.collections, 1);
  clock.pass(10_000);
  assertEquals(seen.collections, 2);
});

Deno.test("nothing is done for few gates, or in a program that did not allow it", () => {
  const { clock, seen, memory, gates } = setUp();
  for (const gate of gates) memory.add(gate);
  assertEquals(clock.timers, 0);
  memory.enable();
  memory.delete(gates[0]!);
  memory.add(gates[0]!);
  assertEquals(clock.timers, 1);
  for (const gate of gates) memory.delete(gate);
  clock.pass(10_000);
  assertEquals([seen.collections, clock.timers], [0, 0]);
});
