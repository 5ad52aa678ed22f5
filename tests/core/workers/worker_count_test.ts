import { assertEquals } from "@std/assert";
import { countWorkers } from "../../../src/core/workers/worker_count.ts";

const GIB = 1024 ** 3;

function auto(hosts: number, cores: number, free = 64 * GIB): number {
  return countWorkers("auto", { hosts, cores, freeBytes: () => free });
}

Deno.test("auto starts workers for many hosts only, as cores and memory allow", () => {
  assertEquals(auto(399, 8), 0);
  assertEquals(auto(400, 8), 2);
  assertEquals(auto(700, 8), 3);
  assertEquals(auto(100_000, 8), 4);
  assertEquals(auto(100_000, 3), 3);
  assertEquals(auto(100_000, 8, 1.6 * GIB), 3);
});

Deno.test("auto never starts one worker alone", () => {
  assertEquals(auto(100_000, 1), 0);
  assertEquals(auto(100_000, 8, 0.9 * GIB), 0);
});

Deno.test("a number is taken as it is, up to the number of hosts", () => {
  const machine = { cores: 1, freeBytes: () => 0 };
  assertEquals(countWorkers(0, { hosts: 5, ...machine }), 0);
  assertEquals(countWorkers(3, { hosts: 5, ...machine }), 3);
  assertEquals(countWorkers(8, { hosts: 5, ...machine }), 5);
});
