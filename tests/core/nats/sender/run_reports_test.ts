import { assertEquals } from "@std/assert";
import type { HostResult } from "../../../../src/core/call/call.ts";
import type { RunEvent } from "../../../../src/core/call/run_event.ts";
import type { RunPlan } from "../../../../src/core/run/plan_run.ts";
import type { FetchReceiving } from "../../../../src/core/nats/files/fetch_receiving.ts";
import {
  encodeEntry,
  type LogDraft,
} from "../../../../src/core/nats/messages/log_entry.ts";
import { LogPlan } from "../../../../src/core/nats/messages/log_plan.ts";
import { RunProgress } from "../../../../src/core/nats/sender/run_progress.ts";
import { RunReports } from "../../../../src/core/nats/sender/run_reports.ts";
import { plainPacking } from "../../../../src/core/nats/trust/sealed_bodies.ts";

const PACKING = plainPacking({
  pack: (body) => Promise.resolve(body),
  unpack: (message) => Promise.resolve(message),
});
const RESULT = {
  ...{ status: "ok", changed: false, rc: 0, duration_ms: 1, phases_ms: {} },
  ...{ result: {}, error: null },
};

Deno.test("an entry that comes again while the files of its host are written changes nothing", async () => {
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
  const text = JSON.stringify({ ...RESULT, files: [] });
  const writer = { worker: "w", id: "1" };
  const encode = (draft: object) =>
    encodeEntry(draft, { ...PACKING, writer, entry: "e" });
  const entry = await encode({ results: [{ index: 0, text }] });
  await reports.take(0, entry, PACKING.open);
  await reports.take(0, entry, PACKING.open);
  await reports.take(0, await encode({ lost: [0] }), PACKING.open);
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

/** Reports of two hosts, and what they tell, each event in few words. */
function twoHosts() {
  const told: string[] = [];
  const progress = new RunProgress(2);
  const reports = new RunReports({
    hosts: ["h0", "h1"].map((name) => ({ name, groups: [], vars: {} })),
    plan: {} as RunPlan, // no event tells arguments
    logs: LogPlan.of(["_any", "_other"]),
    progress,
    fetched: {} as FetchReceiving,
    now: () => 0,
    emit: (event) => void told.push(wordsOf(event)),
    finish: (index, { status }) => {
      progress.finish(index);
      told.push(`h${index} ${status}`);
    },
  });
  const take = async (draft: LogDraft, id = "1", log = 0) => {
    const writer = { worker: "w", id };
    const options = { ...PACKING, writer, entry: "e" };
    await reports.take(log, await encodeEntry(draft, options), PACKING.open);
  };
  return { told, take };
}

function wordsOf(event: RunEvent): string {
  if (event.event === "output") return `${event.host} ${event.text}`;
  if (event.event !== "host_phase") return event.event;
  return `${event.host} ${event.phase} ${event.ms}`;
}

const phase = (host: string, name: string, ms: number) =>
  JSON.stringify({ event: "host_phase", host, phase: name, ms });
const output = (host: string, text: string) =>
  JSON.stringify({ event: "output", host, stream: "stdout", text });
const result = (index: number, phases: Record<string, number>) => ({
  index,
  text: JSON.stringify({ ...RESULT, phases_ms: phases }),
});

Deno.test("the phases of a host that events tell add up to those of its result", async () => {
  const { told, take } = twoHosts();
  // It was tried three times; the last one was quick.
  await take({ events: [phase("h0", "connect", 10), phase("h0", "auth", 5)] });
  await take({ events: [phase("h0", "connect", 20)] });
  await take({
    begin: [0],
    results: [result(0, { connect: 37, auth: 5, start: 0, call: 9 })],
  });
  assertEquals(told, [
    ...["h0 connect 10", "h0 auth 5", "h0 connect 20"],
    ...["h0 connect 7", "h0 start 0", "h0 ok"],
  ]);
});

Deno.test("phases that a worker told of a host do not count for another one's result", async () => {
  const { told, take } = twoHosts();
  await take({ events: [phase("h0", "connect", 9_000)] }, "1");
  await take({ begin: [0] }, "2");
  await take({ results: [result(0, { connect: 2 })] }, "2");
  assertEquals(told, ["h0 connect 9000", "h0 connect 2", "h0 ok"]);
});

Deno.test("nothing is told of a host after its result, nor by a worker that has not begun it", async () => {
  const { told, take } = twoHosts();
  const events = [output("h0", "x"), phase("h0", "connect", 1)];
  await take({ begin: [0] }, "1");
  await take({ events }, "2");
  await take({ events }, "1", 1); // nor in another log
  assertEquals(told, []);
  await take({ events: [output("h0", "own")], results: [result(0, {})] }, "1");
  await take({ events }, "1");
  assertEquals(told, ["h0 own", "h0 ok"]);
});
