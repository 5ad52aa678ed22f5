// Files that expand far beyond their size: each is read in a time that grows with
// the file, or refused in one sentence.
import { assertEquals, assertRejects } from "@std/assert";
import { InventoryError } from "../../../src/errors.ts";
import { loadInventory } from "../../../src/inventory/load.ts";
import type { LoadedInventory } from "../../../src/inventory/inventory.ts";
import { memorySources } from "../memory_sources.ts";

function load(file: string, text: string): Promise<LoadedInventory> {
  return loadInventory([file], memorySources({ [file]: text }));
}

/** A chain of mappings, each of which merges the one before it. */
function mergeChain(links: number, key: (link: number) => string): string {
  const lines = Array.from(
    { length: links },
    (_, i) => `    a${i + 1}: &a${i + 1} {<<: *a${i}, ${key(i)}: ${i}}\n`,
  );
  return `web:\n  hosts:\n    h:\n  vars:\n    a0: &a0 {k: 1}\n${
    lines.join("")
  }`;
}

Deno.test("loadInventory() merges a chain of 900 mappings", async () => {
  const inventory = await load("h.yml", mergeChain(900, (i) => `k${i}`));
  const { a900 } = inventory.hosts.get("h")!.vars as Record<string, object>;
  assertEquals(Object.keys(a900!).length, 901);
});

Deno.test("loadInventory() warns once of a key that a merged mapping repeats", async () => {
  const { warnings } = await load(
    "h.yml",
    "web:\n  vars:\n    a: &a {k: 1, k: 2}\n    b: {<<: *a}\n    c: {<<: *a}\n",
  );
  assertEquals(warnings.length, 1, warnings.join("\n"));
});

/** Groups that hold the group before them twice: 2^30 at the end. */
const doubling = Array.from(
  { length: 30 },
  (_, i) =>
    `x${i + 1}: &x${
      i + 1
    }\n  children:\n    a${i}: *x${i}\n    b${i}: *x${i}\n`,
).join("");

const refused: [what: string, file: string, text: string, why: string][] = [
  [
    "a chain of 20 000 merges",
    "h.yml",
    mergeChain(20_000, () => "k"),
    "h.yml:1005:24: the alias *a999 is nested more than 1000 levels deep",
  ],
  [
    "aliases that double at each step",
    "h.yml",
    `x0: &x0\n  children:\n    g:\n${doubling}`,
    "its aliases repeat more than 10000000 values",
  ],
  [
    "200 000 open brackets in JSON",
    "h.json",
    `{"web": ${"[".repeat(200_000)}`,
    "h.json: it is nested more than 500 levels deep",
  ],
  [
    "JSON groups that are nested 5000 times",
    "h.json",
    `{"web":${'{"children":{"a":'.repeat(5000)}{}${"}}".repeat(5000)}}`,
    "h.json: it is nested more than 500 levels deep",
  ],
];

for (const [what, file, text, why] of refused) {
  Deno.test(`loadInventory() refuses ${what}`, async () => {
    await assertRejects(() => load(file, text), InventoryError, why);
  });
}

Deno.test("loadInventory() does not count brackets inside JSON strings", async () => {
  const value = `${"[".repeat(1000)}\\"\\\\`;
  const { hosts } = await load(
    "h.json",
    `{"web":{"hosts":{"h":{"a":"${value}"}}}}`,
  );
  assertEquals(hosts.get("h")!.vars.a, `${"[".repeat(1000)}"\\`);
});
