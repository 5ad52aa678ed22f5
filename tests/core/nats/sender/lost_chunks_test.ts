// Hosts of chunks that left the queue although no worker has told what became of them.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { encodeEntry } from "../../../../src/core/nats/messages/log_entry.ts";
import {
  CALLS,
  SUBJECTS,
} from "../../../../src/core/nats/server/nats_subjects.ts";
import type { HostResult } from "../../../../src/core/call/call.ts";
import type { RunEvent } from "../../../../src/core/call/run_event.ts";
import { followRun } from "../../../../src/core/nats/sender/follow_run.ts";
import { testNatsHosts as test } from "../../../support/nats_hosts.ts";

/** Takes the results of a run that goes on; `started` resolves to its id. */
function take(events: AsyncGenerator<RunEvent, void, void>) {
  const started = Promise.withResolvers<string>();
  const results: HostResult[] = [];
  const ended = (async () => {
    for await (const event of events) {
      if (event.event === "run_start") started.resolve(event.run);
      if (event.event === "result") results.push(event);
    }
    return results;
  })();
  ended.catch(started.reject);
  return { started: started.promise, ended };
}

test("a call that is gone from the queue was not started", {
  hosts: 2,
  vars: () => ({ ftl_site: "paris" }),
}, async (hosts) => {
  const { admin } = await hosts.lab.link();
  const engine = await hosts.engine();
  const { started, ended } = take(engine.run({ call: hosts.noteCall() }));
  const filter = SUBJECTS.allCallsOf(await started);
  for (let gone = 0; gone < 2;) {
    gone += (await admin.streams.purge(CALLS, { filter })).purged;
    await new Promise((done) => setTimeout(done, 50));
  }
  const results = await ended;
  assertEquals(results.length, 2);
  for (const { status, error } of results) {
    assertEquals([status, error?.phase], ["unreachable", "start"]);
    assertStringIncludes(error!.message, "gone from the queue of NATS");
  }
  await hosts.worker({ site: "paris" });
  assertEquals(await hosts.lines(), []);
});

test("notes that another publishes leave no host without a result", {
  hosts: 2,
}, async (hosts) => {
  const { stream } = await hosts.lab.link("attacker");
  const engine = await hosts.engine();
  const { started, ended } = take(engine.run({ call: hosts.noteCall() }));
  const run = await started;
  for (const index of [0, 1]) {
    const entry = await encodeEntry(
      { results: [{ index, text: "{}" }] },
      {
        ...{ writer: { worker: "w9", id: "x" }, entry: "x.1" },
        // An object that is not there: nobody can read the entry.
        pack: () =>
          Promise.resolve(
            new TextEncoder().encode("\u0002" + "5e".repeat(32)),
          ),
      },
    );
    await stream.publish(SUBJECTS.event(run, "log", index), entry);
  }
  await hosts.worker();
  const results = await ended;
  assertEquals(results.length, 2);
  for (const { status, error } of results) {
    assertEquals([status, error?.phase], ["unreachable", "call"]);
    assertStringIncludes(error!.message, "may have taken effect");
  }
});

test("who follows a detached run whose calls are gone gets an end", {
  hosts: 2,
}, async (hosts) => {
  const link = await hosts.lab.link();
  const engine = await hosts.engine();
  const { signal } = new AbortController();
  const run = await engine.detach({ call: hosts.noteCall() }, signal);
  const filter = SUBJECTS.allCallsOf(run);
  assertEquals((await link.admin.streams.purge(CALLS, { filter })).purged, 2);
  const results = await take(followRun(link, { run, signal })).ended;
  assertEquals(results.length, 2);
  for (const { status, error } of results) {
    assertEquals(status, "cancelled");
    assertStringIncludes(error!.message, "gone from the queue of NATS");
  }
});
