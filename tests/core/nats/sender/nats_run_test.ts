// What becomes of hosts when workers share them, are lost, or refuse: every host has
// one result, and nothing that may have begun is begun again.
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { followRun } from "../../../../src/core/nats/sender/follow_run.ts";
import {
  CALLS,
  EVENTS,
} from "../../../../src/core/nats/server/nats_subjects.ts";
import type { HostResult } from "../../../../src/core/call/call.ts";
import type { EngineTask } from "../../../../src/core/run/engine.ts";
import type { NatsEngine } from "../../../../src/core/nats/sender/nats_engine.ts";
import { collect } from "../../../../src/core/run/run.ts";
import { within } from "../../../../src/async/deadline.ts";
import { InventoryError } from "../../../../src/errors.ts";
import {
  type NatsHosts,
  testNatsHosts as test,
} from "../../../support/nats_hosts.ts";

async function resultsOf(
  engine: NatsEngine,
  task: EngineTask,
  signal?: AbortSignal,
): Promise<Map<string, HostResult>> {
  const { results } = await collect(engine.run(task, { signal }));
  return new Map(results);
}

function countBy<T>(items: Iterable<T>): Map<T, number> {
  const counts = new Map<T, number>();
  for (const each of items) counts.set(each, (counts.get(each) ?? 0) + 1);
  return counts;
}

/** Requires that no host began twice. */
async function assertOnce(hosts: NatsHosts): Promise<void> {
  const begins = (await hosts.lines()).filter((line) =>
    line.startsWith("begin ")
  );
  for (const [line, count] of countBy(begins)) {
    assertEquals([line, count], [line, 1]);
  }
}

test("two workers share the hosts of a run", { hosts: 12 }, async (hosts) => {
  const names = ["w1", "w2"];
  for (const name of names) await hosts.worker({ name, means: { fanout: 4 } });
  const engine = await hosts.engine();
  const results = await resultsOf(engine, { call: hosts.noteCall() });
  assertEquals(results.size, 12);
  assertEquals([...countBy(results.values().map((each) => each.status))], [
    ["ok", 12],
  ]);
  await assertOnce(hosts);
  assertEquals((await hosts.lines()).length, 24);
});

test(
  "a host is called by a worker of its site, one without a site by any",
  { hosts: 3, vars: (i) => i < 2 ? { ftl_site: `site${i}` } : {} },
  async (hosts) => {
    await hosts.worker({ name: "w0", site: "site0" });
    const engine = await hosts.engine();
    const running = resultsOf(engine, { call: hosts.noteCall() });
    await hosts.untilLines("end", 2);
    assert(!(await hosts.lines()).includes("begin h1"));
    await hosts.worker({ name: "w1", site: "site1" });
    assertEquals((await running).get("h1")?.status, "ok");
  },
);

test("a site that cannot be one is refused before any host", {
  hosts: 2,
  vars: (i) => i === 1 ? { ftl_site: "a b" } : {},
}, async (hosts) => {
  const engine = await hosts.engine();
  const events: unknown[] = [];
  const error = await assertRejects(async () => {
    for await (const event of engine.run({ call: hosts.noteCall() })) {
      events.push(event);
    }
  }, InventoryError);
  assertStringIncludes(error.message, "Cannot use ftl_site of h1");
  assertEquals(events, []);
});

test("a site without a worker is named", {
  hosts: 2,
  vars: () => ({ ftl_site: "paris" }),
}, async (hosts) => {
  const stop = new AbortController();
  const told = Promise.withResolvers<string>();
  const engine = await hosts.engine({ onNote: told.resolve });
  const running = resultsOf(engine, { call: hosts.noteCall() }, stop.signal);
  assertEquals(
    await told.promise,
    "no worker of site paris is there: 2 hosts wait, such as h0",
  );
  stop.abort(new DOMException("Interrupted", "AbortError"));
  const results = await running;
  assertEquals(results.values().map(({ status }) => status).toArray(), [
    "cancelled",
    "cancelled",
  ]);
  // What was withdrawn is not made later.
  await hosts.worker({ site: "paris" });
  const [again] = (await resultsOf(engine, { call: hosts.noteCall() }))
    .values();
  assertEquals(again?.status, "ok");
  assertEquals((await hosts.lines()).length, 4);
});

test("hosts of a site that stays without a worker are given up", {
  hosts: 3,
  vars: (i) => i < 2 ? { ftl_site: "paris" } : {},
}, async (hosts) => {
  await hosts.worker({ name: "w1" });
  const engine = await hosts.engine({ workerTimeoutMs: 1_000 });
  const results = await resultsOf(engine, { call: hosts.noteCall() });
  assertEquals(results.get("h2")?.status, "ok");
  for (const host of ["h0", "h1"]) {
    const { status, error } = results.get(host)!;
    assertEquals([status, error?.phase], ["unreachable", "start"]);
    assertEquals(
      error?.message,
      "No worker of site paris was there for 1s, and the call was not started",
    );
    assertStringIncludes(error!.hint!, "Start ftl worker --site paris");
  }
  // A worker that comes later does not make the call.
  const late = await hosts.worker({ name: "w2", site: "paris" });
  const again = await resultsOf(engine, { call: hosts.noteCall() });
  assertEquals([...countBy([...again.values()].map((each) => each.status))], [
    ["ok", 3],
  ]);
  assertEquals((await hosts.lines()).length, 8);
  assertEquals(late.notes, []);
});

test(
  "hosts that a lost worker had begun are unreachable, the others are called by another one",
  { hosts: 32 },
  async (hosts) => {
    const wait = await hosts.hold();
    const first = await hosts.worker({ name: "w1", means: { fanout: 6 } });
    await hosts.lab.setAckWait("site__any", 2_000);
    const engine = await hosts.engine();
    const running = resultsOf(engine, { call: hosts.noteCall(wait) });
    await hosts.untilLines("begin", 2);
    await first.cut();
    await hosts.worker({ name: "w2" });
    // The hosts that the first worker had begun have not ended yet.
    await Deno.remove(wait);
    const results = await running;
    assertEquals(results.size, 32);
    await assertOnce(hosts);
    const lost = [...results.values()].filter(({ status }) =>
      status === "unreachable"
    );
    assert(lost.length >= 2);
    for (const { error } of lost) {
      assertEquals(error?.phase, "call");
      assertStringIncludes(error!.message, "may have taken effect");
    }
    const called = [...results.values()].filter(({ status }) =>
      status === "ok"
    );
    assertEquals(lost.length + called.length, 32);
    assert(called.length > 20);
  },
);

test("hosts of a worker that is stopped are lost, the rest is left to others", {
  hosts: 16,
}, async (hosts) => {
  const wait = await hosts.hold();
  const first = await hosts.worker({ name: "w1", means: { fanout: 2 } });
  const engine = await hosts.engine();
  const running = resultsOf(engine, { call: hosts.noteCall(wait) });
  await hosts.untilLines("begin", 2);
  await first.stop();
  await Deno.remove(wait);
  await hosts.worker({ name: "w2" });
  const results = await running;
  assertEquals(results.size, 16);
  await assertOnce(hosts);
  const counts = countBy([...results.values()].map(({ status }) => status));
  const lost = counts.get("unreachable") ?? 0;
  assertEquals((counts.get("ok") ?? 0) + lost, 16);
  assert(lost >= 2);
  for (const { status, error } of results.values()) {
    if (status === "ok") continue;
    assertStringIncludes(error!.message, "The worker w1 was stopped ");
  }
});

test("a worker that asks a sender that is gone can be stopped", {
  hosts: 1,
}, async (hosts) => {
  const { admin } = await hosts.lab.link();
  const link = await hosts.lab.link("sender");
  const engine = await hosts.engine({ link });
  const running = resultsOf(engine, { call: hosts.noteCall() });
  running.catch(() => {}); // its connection is cut
  const isSent = () =>
    admin.streams.info(CALLS)
      .then(({ state }) => state.messages > 0, () => false);
  while (!await isSent()) await pause();
  await link.connection.close();
  const worker = await hosts.worker({ name: "w1" });
  const isTaken = async () =>
    (await admin.consumers.info(CALLS, "site__any")).num_ack_pending > 0;
  while (!await isTaken()) await pause();
  const ended = worker.stop().then(() => "stopped");
  const state = await within(ended, { ms: 20_000, instead: "hangs" });
  assertEquals(state, "stopped");
  assertEquals(await hosts.lines(), []);
});

async function pause(): Promise<void> {
  await new Promise((done) => setTimeout(done, 50));
}

test(
  "a worker of another build refuses in one sentence",
  { hosts: 1 },
  async (hosts) => {
    await hosts.worker({ build: "other" });
    const engine = await hosts.engine();
    const [result] = (await resultsOf(engine, { call: hosts.noteCall() }))
      .values();
    assertEquals(result?.status, "unreachable");
    assertStringIncludes(result!.error!.message, "another build of ftl");
    assertEquals(await hosts.lines(), []);
  },
);

test("arguments that are too large for a message are refused", {
  hosts: 1,
}, async (hosts) => {
  const engine = await hosts.engine();
  const args = { text: "x".repeat(20_000_000) };
  const error = await assertRejects(() =>
    resultsOf(engine, { call: { module: "echo", args } })
  );
  assertStringIncludes((error as Error).message, "its arguments have");
});

test(
  "a worker that refuses leaves the call to another one of its site",
  { hosts: 4 },
  async (hosts) => {
    const wrong = await hosts.worker({ name: "w1", build: "other" });
    await hosts.worker({ name: "w2" });
    const engine = await hosts.engine();
    for (let round = 0; wrong.notes.length === 0; round++) {
      await Deno.remove(hosts.journal).catch(() => {}); // of the last round
      const results = await resultsOf(engine, { call: hosts.noteCall() });
      assertEquals(
        [...countBy(results.values().map(({ status }) => status))],
        [["ok", 4]],
      );
      await assertOnce(hosts);
    }
    assertStringIncludes(wrong.notes[0]!, "another build of ftl");
  },
);

test(
  "when all workers refuse, the result has the reason of each",
  { hosts: 2 },
  async (hosts) => {
    const { key, known } = await hosts.lab.sealing(
      await hosts.worker({ name: "w1", build: "other" }),
    );
    await hosts.worker({ name: "w2" });
    const engine = await hosts.engine({ key, known });
    const call = { ...hosts.noteCall(), noLog: true };
    const results = await resultsOf(engine, { call });
    for (const { status, error } of results.values()) {
      assertEquals(status, "unreachable");
      for (const why of ["w1 refused", "another build", "w2 refused"]) {
        assertStringIncludes(error!.message, why);
      }
    }
    assertEquals(await hosts.lines(), []);
  },
);

test("a cancel ends the calls of all workers", { hosts: 8 }, async (hosts) => {
  const wait = await hosts.hold();
  for (const name of ["w1", "w2"]) {
    await hosts.worker({ name, means: { fanout: 2 } });
  }
  const stop = new AbortController();
  const engine = await hosts.engine();
  const running = resultsOf(
    engine,
    { call: hosts.noteCall(wait) },
    stop.signal,
  );
  await hosts.untilLines("begin", 4);
  stop.abort(new DOMException("Interrupted", "AbortError"));
  const results = await running;
  assertEquals([...countBy([...results.values()].map((each) => each.status))], [
    ["cancelled", 8],
  ]);
  await Deno.remove(wait);
  assert(!(await hosts.lines()).some((line) => line.startsWith("end")));
});

test(
  "no more hosts start after too many have failed",
  { hosts: 6 },
  async (hosts) => {
    await hosts.worker();
    const engine = await hosts.engine();
    const results = await resultsOf(engine, {
      call: { module: "note", forceArgs: true },
      serial: { hosts: 2 },
      maxFail: { hosts: 1 },
    });
    assertEquals(
      [...countBy([...results.values()].map((each) => each.status))],
      [
        ["failed", 2],
        ["cancelled", 4],
      ],
    );
  },
);

test(
  "a server that is started again loses nothing",
  { hosts: 24 },
  async (hosts) => {
    const wait = await hosts.hold();
    await hosts.worker({ means: { fanout: 8 } });
    const engine = await hosts.engine();
    const running = resultsOf(engine, { call: hosts.noteCall(wait) });
    await hosts.untilLines("begin", 4);
    await hosts.lab.server.kill();
    await Deno.remove(wait);
    await hosts.untilLines("end", 4);
    await hosts.lab.server.restart();
    const results = await running;
    assertEquals(
      [...countBy([...results.values()].map((each) => each.status))],
      [
        ["ok", 24],
      ],
    );
    await assertOnce(hosts);
  },
);

test(
  "a message that comes again, or was changed, runs nothing",
  { hosts: 4 },
  async (hosts) => {
    const worker = await hosts.worker();
    const engine = await hosts.engine();
    const link = await hosts.lab.link();
    const seen: { subject: string; data: Uint8Array }[] = [];
    link.connection.subscribe("ftl.calls.>", {
      callback: (_error, { subject, data }) => {
        seen.push({ subject, data });
      },
    });
    await link.connection.flush();
    const task = { call: hosts.noteCall() };
    const run = await engine.detach(task, new AbortController().signal);
    const { signal } = new AbortController();
    const { results } = await collect(followRun(link, { run, signal }));
    assertEquals(results.size, 4);
    const lines = await hosts.lines();
    assertEquals(lines.length, 8);
    const sent = [...seen];
    for (const { subject, data } of sent) {
      const changed = Uint8Array.from(data);
      changed[0] = 9;
      await link.stream.publish(subject, changed);
    }
    for (const { subject, data } of [...sent, ...sent]) {
      await link.stream.publish(subject, data);
    }
    for (;;) {
      const { num_pending, num_ack_pending } = await link.admin.consumers.info(
        CALLS,
        "site__any",
      );
      if (num_pending + num_ack_pending === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assertEquals(await hosts.lines(), lines);
    assert(worker.notes.some((note) => note.includes("not one of ftl's")));
  },
);

test("a full stream loses no result", { hosts: 6 }, async (hosts) => {
  const worker = await hosts.worker();
  const engine = await hosts.engine();
  const link = await hosts.lab.link();
  await link.admin.streams.update(EVENTS, { max_msgs: 5 });
  const running = resultsOf(engine, { call: hosts.noteCall() });
  while (!worker.notes.some((note) => note.includes("maximum messages"))) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await link.admin.streams.update(EVENTS, { max_msgs: -1 });
  const results = await running;
  assertEquals([...countBy([...results.values()].map((each) => each.status))], [
    ["ok", 6],
  ]);
  await assertOnce(hosts);
});

test(
  "what needs this machine is refused before any contact",
  { hosts: 1 },
  async (hosts) => {
    const engine = await hosts.engine();
    const cases: [EngineTask["call"], string][] = [
      [
        { push: { src: "/etc/hostname", dest: "/tmp/x" } },
        "Cannot send files of this machine over NATS",
      ],
      [
        { command: ["/etc/hostname"], script: true },
        "Cannot send files of this machine over NATS",
      ],
      [{ command: ["x.sh"], script: true }, "Cannot run x.sh"],
      [{ module: "echo", noLog: true }, "Cannot send a call with --no-log"],
      [
        { module: "echo", args: { password: "hunter22" } },
        "Cannot send the argument password",
      ],
    ];
    for (const [call, why] of cases) {
      const error = await assertRejects(
        () => resultsOf(engine, { call }),
        Error,
      );
      assertStringIncludes(error.message, why);
    }
  },
);

test("what the last host shows to be secret is masked at the end", {
  hosts: 1,
}, async (hosts) => {
  await hosts.worker();
  const engine = await hosts.engine();
  const call = { module: "hide", args: { alias: "not-named-so" } };
  const events = await Array.fromAsync(engine.run({ call }));
  const end = events.at(-1);
  assert(end?.event === "run_end");
  assertEquals([end.summary.ok, end.args], [1, { alias: "********" }]);
});
