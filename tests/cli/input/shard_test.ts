import { assert, assertEquals, assertThrows } from "@std/assert";
import { hostsOfShard, parseShard } from "../../../src/cli/input/shard.ts";
import type { Host } from "../../../src/inventory/inventory.ts";
import { UsageError } from "../../../src/cli/process/exit_code.ts";

const hostsNamed = (names: string[]): Host[] =>
  names.map((name) => ({ name, vars: {}, groups: [] }));
const env = (values: Record<string, string>) => (name: string) => values[name];

Deno.test("parseShard() reads K/N, where K starts at 1", () => {
  assertEquals(parseShard("1/4", env({})), { index: 0, count: 4 });
  assertEquals(parseShard("4/4", env({})), { index: 3, count: 4 });
});

Deno.test("parseShard() takes K and N from a Slurm array task", () => {
  const slurm = {
    SLURM_ARRAY_TASK_ID: "7",
    SLURM_ARRAY_TASK_MIN: "5",
    SLURM_ARRAY_TASK_COUNT: "10",
  };
  assertEquals(parseShard("auto", env(slurm)), { index: 2, count: 10 });
});

Deno.test("parseShard() takes K from a Kubernetes indexed job", () => {
  const job = { JOB_COMPLETION_INDEX: "0" };
  assertEquals(parseShard("auto/3", env(job)), { index: 0, count: 3 });
  assertEquals(
    parseShard("auto", env({ ...job, JOB_COMPLETIONS: "5" })),
    { index: 0, count: 5 },
  );
  assertThrows(() => parseShard("auto", env(job)), UsageError, "is not set");
});

Deno.test("parseShard() refuses everything else", () => {
  for (const text of ["", "1", "0/4", "5/4", "1/0", "a/b", "1/4/2", "-1/4"]) {
    assertThrows(() => parseShard(text, env({})), UsageError, text);
  }
  assertThrows(() => parseShard("auto", env({})), UsageError, "neither");
});

Deno.test("each host is in one part, whatever the order and the other hosts", () => {
  const names = Array.from({ length: 1000 }, (_, i) => `web${i}.example.com`);
  const parts = [0, 1, 2].map((index) =>
    hostsOfShard(hostsNamed(names), { index, count: 3 })
      .map(({ name }) => name)
  );
  assertEquals(parts.flat().toSorted(), names.toSorted());
  for (const part of parts) {
    assert(part.length > 280 && part.length < 390, `${part.length} hosts`);
  }
  const others = hostsNamed([...names.slice(500), "db1"].reverse());
  const [first] = parts;
  for (const { name } of hostsOfShard(others, { index: 0, count: 3 })) {
    assert(name === "db1" || first!.includes(name), name);
  }
});

Deno.test("the part of a name never changes", () => {
  const part = (name: string) =>
    [0, 1, 2, 3, 4].findIndex((index) =>
      hostsOfShard(hostsNamed([name]), { index, count: 5 }).length === 1
    );
  assertEquals(["web1", "web2", "db1", "ü"].map(part), PARTS);
});

/** The parts in the first release of the option. */
const PARTS = [4, 2, 2, 2];
