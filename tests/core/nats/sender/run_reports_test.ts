import { assertEquals } from "@std/assert";
import type { HostResult } from "../../../../src/core/call/call.ts";
import type { RunPlan } from "../../../../src/core/run/plan_run.ts";
import type { FetchReceiving } from "../../../../src/core/nats/files/fetch_receiving.ts";
import { encodeEntry } from "../../../../src/core/nats/messages/log_entry.ts";
import { LogPlan } from "../../../../src/core/nats/messages/log_plan.ts";
import { RunProgress } from "../../../../src/core/nats/sender/run_progress.ts";
import { RunReports } from "../../../../src/core/nats/sender/run_reports.ts";
import { plainPacking } from "../../../../src/core/nats/trust/sealed_bodies.ts";

Deno.test("an entry that comes again while the files of its host are written changes nothing", async () => {
  const packing = plainPacking({
    pack: (body) => Promise.resolve(body),
    unpack: (message) => Promise.resolve(message),
  });
  const written = Promise.withResolvers<HostResult>();
  let taken = 0;
  const results: HostResult[] = [];
  const reports = new RunReports({
    hosts: [{ name: "h0", groups: [], vars: {} }],
    plan: {} as RunPlan, // it has no events
    logs: LogPlan.of(["_any"]),
    progress: new RunProgress(1),
    fetched: {
      take: () => {
        taken++;
        return written.promise;
      },
    } as unknown as FetchReceiving,
    now: () => 0,
    emit: () => {},
    finish: (_index, result) => void results.push(result),
  });
  const text = JSON.stringify({
    ...{ status: "ok", changed: false, rc: 0, duration_ms: 1, phases_ms: {} },
    ...{ result: {}, error: null, files: [] },
  });
  const writer = { worker: "w", id: "1" };
  const encode = (draft: object) =>
    encodeEntry(draft, { ...packing, writer, entry: "e" });
  const entry = await encode({ results: [{ index: 0, text }] });
  await reports.take(0, entry, packing.open);
  await reports.take(0, entry, packing.open);
  await reports.take(0, await encode({ lost: [0] }), packing.open);
  assertEquals([taken, results], [1, []]);
  assertEquals(reports.isFetching(0), true);
  const { files: _files, ...result } = JSON.parse(text);
  written.resolve({ ...result, host: "h0" });
  await written.promise;
  await Promise.resolve();
  assertEquals(results.map(({ host, status }) => [host, status]), [[
    "h0",
    "ok",
  ]]);
});
