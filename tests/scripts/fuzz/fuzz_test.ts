import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import process from "node:process";
import fc from "fast-check";
import { mutate } from "../../../scripts/fuzz/mutate.ts";
import { faultIn } from "../../../scripts/fuzz/run_input.ts";
import { shrink } from "../../../scripts/fuzz/shrink.ts";
import { type Target, textOf } from "../../../scripts/fuzz/target.ts";
import { TARGETS } from "../../../scripts/fuzz/targets.ts";
import { Random } from "../../../scripts/random.ts";
import { InventoryError } from "../../../src/errors.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function target(read: (text: string) => void): Target {
  return {
    name: "test",
    grammar: fc.string(),
    read: (input) => read(textOf(input)),
  };
}

Deno.test("an error of ours is not a fault, and one of V8's is", async () => {
  const ours = target(() => {
    throw new InventoryError("Cannot read the file: it is not one");
  });
  assertEquals(await faultIn(ours, bytes("")), undefined);
  const bug = target((text) => (text as unknown as { a: { b: 1 } }).a.b);
  assertMatch((await faultIn(bug, bytes("")))!, /^TypeError: Cannot read prop/);
  const deep = target(function again(text) {
    again(text);
  });
  assertMatch((await faultIn(deep, bytes("")))!, /^RangeError: Maximum call/);
});

Deno.test("what takes more than a second of CPU time is a fault", async () => {
  const slow = target(() => {
    const before = process.cpuUsage();
    while (process.cpuUsage(before).user < 1_100_000) {
      for (let i = 0; i < 1e7; i++) Math.sqrt(i);
    }
  });
  assertMatch((await faultIn(slow, bytes("")))!, /^it took \d+ ms$/);
});

Deno.test("shrink() keeps what a fault needs", async () => {
  const found = await shrink(
    bytes("aaaaaaxbbbbbbbbyccc"),
    (input) => Promise.resolve(/x.*y/.test(textOf(input))),
  );
  assertEquals(textOf(found), "xy");
});

Deno.test("a seed gives the same inputs again", () => {
  const made = (seed: number) =>
    textOf(mutate(bytes("abcdefgh"), bytes("12345678"), new Random(seed)));
  assertEquals(made(7), made(7));
  const all = new Set(Array.from({ length: 50 }, (_, i) => made(i)));
  assertNotEquals(all.size, 1);
});

Deno.test("every target has a name of its own, and reads or compares", () => {
  assertEquals(new Set(TARGETS.map(({ name }) => name)).size, TARGETS.length);
  for (const { name, read, compare } of TARGETS) {
    assertMatch(name, /^[a-z_]+$/);
    assertEquals((read === undefined) !== (compare === undefined), true, name);
  }
});
