import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { BuildError } from "../../src/errors.ts";
import { openRuns, type RunRecord, type Runs } from "../../src/store/runs.ts";

/** The record of the nth run, made a minute after the one before. */
function record(n: number): RunRecord {
  return {
    run: `${n.toString(16).padStart(8, "0")}-0000-4000-8000-000000000000`,
    started: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString(),
    duration_ms: 12,
    module: "ping",
    summary: { hosts: 2, ok: 1, failed: 1 },
    hosts: { ok: ["web1"], failed: ["web2"] },
  };
}

async function withRuns(test: (runs: Runs) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "ftl-runs-" });
  try {
    await test(await openRuns(home));
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("list() returns the newest run first, and last() the newest one", async () => {
  await withRuns(async (runs) => {
    assertEquals(await runs.last(), undefined);
    for (const n of [2, 1, 3]) await runs.add(record(n));
    assertEquals((await runs.list()).map(({ id }) => id), [
      "00000003",
      "00000002",
      "00000001",
    ]);
    const last = await runs.last();
    assertEquals(last?.hosts, { ok: ["web1"], failed: ["web2"] });
  });
});

Deno.test("find() accepts a prefix of one id only", async () => {
  await withRuns(async (runs) => {
    for (const n of [1, 2]) await runs.add(record(n));
    assertEquals((await runs.find("00000002")).started, record(2).started);
    await assertRejects(
      () => runs.find("0000"),
      BuildError,
      "2 ids start with it",
    );
    await assertRejects(() => runs.find("f"), BuildError, "no record of it");
  });
});

Deno.test("events are stored beside their record", async () => {
  await withRuns(async (runs) => {
    await runs.add(record(1), '{"event":"run_start"}\n');
    await runs.add(record(2));
    const [second, first] = await runs.list();
    assertEquals([first?.has_events, second?.has_events], [true, false]);
    assertEquals(await runs.events(first!), '{"event":"run_start"}\n');
  });
});

Deno.test("a folder that was removed during a session is created again", async () => {
  await withRuns(async (runs) => {
    await runs.add(record(1));
    await Deno.remove(runs.path, { recursive: true });
    assertEquals(await runs.last(), undefined);
    await runs.add(record(2));
    assertEquals((await runs.list()).map(({ id }) => id), ["00000002"]);
    assertEquals(((await Deno.stat(runs.path)).mode ?? 0) & 0o777, 0o700);
  });
});

Deno.test("other users cannot read records", async () => {
  await withRuns(async (runs) => {
    await runs.add(record(1), "{}\n");
    for await (const { name } of Deno.readDir(runs.path)) {
      const { mode } = await Deno.stat(join(runs.path, name));
      assertEquals((mode ?? 0) & 0o777, 0o600, name);
    }
    const { mode } = await Deno.stat(runs.path);
    assertEquals((mode ?? 0) & 0o777, 0o700);
  });
});

Deno.test("the oldest runs are removed with their events", async () => {
  await withRuns(async (runs) => {
    await runs.add(record(0), "{}\n");
    for (let n = 1; n <= 200; n++) await runs.add(record(n));
    const list = await runs.list();
    assertEquals(list.length, 200);
    assertEquals(list.at(-1)?.started, record(1).started);
    const names = await Array.fromAsync(Deno.readDir(runs.path));
    assertEquals(names.length, 200);
  });
});

Deno.test("a damaged record is skipped", async () => {
  await withRuns(async (runs) => {
    await runs.add(record(1));
    const path = join(runs.path, "20260101T010000000Z-000000ff.json");
    await Deno.writeTextFile(path, '{"run": "000');
    assertEquals((await runs.list()).length, 1);
    assertEquals((await runs.last())?.id, "00000001");
  });
});
