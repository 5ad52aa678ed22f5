// Hosts of a detached run that no worker has begun in time: who follows the run gives
// them up, and workers that come later leave them out.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { NEVER } from "../../../../src/async/abort.ts";
import type { RunEvent } from "../../../../src/core/call/run_event.ts";
import { followRun } from "../../../../src/core/nats/sender/follow_run.ts";
import { queuedCalls } from "../../../../src/core/nats/server/queued_calls.ts";
import { collect } from "../../../../src/core/run/run.ts";
import { testNatsHosts as test } from "../../../support/nats_hosts.ts";

test("who follows a run gives up the hosts that have not begun in time", {
  hosts: 3,
  vars: (i) => i < 2 ? { ftl_site: "paris" } : {},
}, async (hosts) => {
  const link = await hosts.lab.link();
  const wait = await hosts.hold();
  await hosts.worker();
  const engine = await hosts.engine({ workerTimeoutMs: 1_000 });
  const run = await engine.detach({ call: hosts.noteCall(wait) }, NEVER);
  await hosts.untilLines("begin", 1);
  let given = 0;
  const follow = async function* (): AsyncGenerator<RunEvent> {
    for await (const event of followRun(link, { run, signal: NEVER })) {
      yield event;
      // One that has begun may take longer.
      if (event.event === "result" && ++given === 2) await Deno.remove(wait);
    }
  };
  const { results } = await collect(follow());
  assertEquals(results.get("h2")?.status, "ok");
  for (const host of ["h0", "h1"]) {
    const { status, error } = results.get(host)!;
    assertEquals([status, error?.phase], ["unreachable", "start"]);
    assertEquals(
      error?.message,
      "The call had not begun 1s after it was sent, and was not started",
    );
    assertStringIncludes(error!.hint!, "--worker-timeout");
  }
  // Another reader sees the same, and a worker that comes later makes no call.
  const again = await collect(followRun(link, { run, signal: NEVER }));
  assertEquals(again.results, results);
  const late = await hosts.worker({ name: "w2", site: "paris" });
  while ((await queuedCalls(link, run)).size > 0);
  assertEquals(await hosts.lines(), ["begin h2", "end h2"]);
  assertEquals(late.notes, []);
});
