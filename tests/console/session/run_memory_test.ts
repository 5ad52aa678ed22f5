import { assertEquals } from "@std/assert";
import { RunMemory } from "../../../src/console/session/run_memory.ts";
import type { RunEvent } from "../../../src/core/call/run_event.ts";
import { eventsOf, resultOf } from "../../output/sample_run.ts";

const RESULTS = [resultOf("web1"), resultOf("web2", { status: "failed" })];
const EVENTS = eventsOf(RESULTS, {
  between: [{ event: "progress", t: 5, host: "web1", data: 1 }],
});

async function* stream(events: readonly RunEvent[]) {
  yield* events;
}

/** Passes events through a memory; returns those that came out. */
async function follow(memory: RunMemory, events: readonly RunEvent[]) {
  const seen: string[] = [];
  const passed = await Array.fromAsync(
    memory.follow(stream(events), ({ host }) => seen.push(host)),
  );
  return { passed, seen };
}

Deno.test("follow() passes every event on, and each result to its callback", async () => {
  const { passed, seen } = await follow(new RunMemory(), EVENTS);
  assertEquals(passed, EVENTS);
  assertEquals(seen, ["web1", "web2"]);
});

Deno.test("whole() is the run with its results by host, without event names", async () => {
  const memory = new RunMemory();
  await follow(memory, EVENTS);
  const { start, results, end } = memory.whole()!;
  assertEquals([start, end], [EVENTS[0], EVENTS.at(-1)]);
  assertEquals([...results], RESULTS.map((result) => [result.host, result]));
});

Deno.test("whole() is undefined until the run has ended", async () => {
  const memory = new RunMemory();
  assertEquals(memory.shownArgs, undefined);
  await follow(memory, EVENTS.slice(0, -1));
  assertEquals(memory.whole(), undefined);
  assertEquals(memory.shownArgs, { data: "pong" });
});
