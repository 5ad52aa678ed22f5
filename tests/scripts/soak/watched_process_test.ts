import { assertEquals, assertMatch } from "@std/assert";
import { type Look, verdictOn } from "../../../scripts/soak/watched_process.ts";

function looks(...megabytes: number[]): Look[] {
  return megabytes.map((mb) => ({ residentKb: mb * 1024, descriptors: 9 }));
}

Deno.test("verdictOn() compares the third quarter with the last one", () => {
  const { summary, faults } = verdictOn(
    "console",
    looks(10, 90, 100, 100, 101, 101, 104, 104),
    200_000,
  );
  assertMatch(summary, /^console: 101.0 MB after the middle, 104.0 MB at the/);
  assertEquals(faults, []);
});

Deno.test("verdictOn() finds memory that grows, and lets a short run settle", () => {
  const grown = looks(10, 20, 30, 40, 50, 60, 70, 80);
  assertMatch(
    verdictOn("session", grown, 200_000).faults.join(),
    /^the memory of the session grew: 10.0 20.0/,
  );
  assertEquals(verdictOn("session", grown, 4_000).faults, []);
});

Deno.test("verdictOn() finds descriptors that are not closed", () => {
  const open = looks(1, 1, 1, 1).map((look, i) => ({
    ...look,
    descriptors: 10 + 50 * i,
  }));
  assertEquals(verdictOn("console", open, 200_000).faults, [
    "the console has 160 descriptors after 110",
  ]);
});
