// Real workers' reports on a real server: who begins a host, and how many messages that
// takes.
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { FtlError } from "../../../../src/errors.ts";
import { NEVER } from "../../../../src/async/abort.ts";
import type { ChunkReports } from "../../../../src/core/nats/reports/chunk_reports.ts";
import { BegunElsewhere } from "../../../../src/core/nats/reports/lost_host.ts";
import { NotBegunInTime } from "../../../../src/core/nats/messages/begin_limit.ts";
import { encodeNats } from "../../../../src/core/nats/server/encode_nats.ts";
import type { NatsLink } from "../../../../src/core/nats/server/nats_link.ts";
import { judgeError } from "../../../../src/core/result/host_result.ts";
import {
  BUCKET,
  EVENTS,
  SUBJECTS,
} from "../../../../src/core/nats/server/nats_subjects.ts";
import {
  hostOf,
  HOSTS,
  linkOf,
  outputOf,
  type ReportsLab,
  reportsTest as test,
  resultOf,
} from "../../../support/reports_lab.ts";

/** Leaves no room in the object store. */
async function withoutRoom({ link }: ReportsLab): Promise<void> {
  await link.bucket(BUCKET, { ttlMs: 60_000 });
  await link.admin.streams.update(`OBJ_${BUCKET}`, { max_bytes: 1000 });
}

test("of two workers one begins each host, and the other is told so", async (lab) => {
  const workers = [lab.worker("1"), lab.worker("2")];
  const begun = await Promise.allSettled(
    HOSTS.flatMap((index) => workers.map((worker) => worker.begin(index))),
  );
  const refused = begun.filter(({ status }) => status === "rejected");
  assertEquals(refused.length, HOSTS.length);
  for (const each of refused) {
    assert((each as PromiseRejectedResult).reason instanceof BegunElsewhere);
  }
  const entries = await lab.entries();
  assertEquals(entries.flatMap(({ begin }) => begin).toSorted(), HOSTS);
});

test("hosts of a chunk share messages", async (lab) => {
  const hosts = Array.from({ length: 50 }, (_, index) => index);
  const reports = lab.worker("1", { hosts: hosts.length });
  await Promise.all(hosts.map(async (index) => {
    await reports.begin(index);
    reports.event(outputOf(index));
    reports.report(hostOf(index), resultOf(index));
  }));
  await reports.settled();
  const entries = await lab.entries();
  assert(entries.length < 10, `${entries.length} entries`);
  assertEquals(entries.flatMap(({ begin }) => begin), hosts);
  const results = entries.flatMap((entry) => entry.results);
  assertEquals(results.map(({ index }) => index).toSorted(), hosts.toSorted());
  assertEquals(entries.flatMap(({ events }) => events).length, hosts.length);
});

test("events that come while others are stored are stored too", async (lab) => {
  const reports = lab.worker("1", { hosts: 1 });
  for (let i = 0; i < 300; i++) {
    reports.event(outputOf(0, String(i)));
    if (i % 20 === 0) await new Promise((done) => setTimeout(done, 1));
  }
  reports.report(hostOf(0), resultOf(0));
  await reports.settled();
  const events = (await lab.entries()).flatMap((entry) => entry.events);
  assertEquals(
    events.map((text) => Number(JSON.parse(text).text)),
    Array.from({ length: 300 }, (_, i) => i),
  );
});

test("what comes when an entry was just stored is stored too", async (lab) => {
  for (let turns = 0; turns < 8; turns++) {
    const [first, last] = [2 * turns, 2 * turns + 1];
    let isReported = false;
    const late = (reports: ChunkReports, left = turns): void => {
      if (left > 0) return queueMicrotask(() => late(reports, left - 1));
      reports.report(hostOf(last), resultOf(last));
    };
    const reports: ChunkReports = lab.worker("1", {
      hosts: 2,
      onProgress: () => {
        if (isReported) late(reports);
        isReported = false;
      },
    });
    await Promise.all([reports.begin(first), reports.begin(last)]);
    isReported = true;
    reports.report(hostOf(first), resultOf(first));
    while (isReported) await new Promise((done) => setTimeout(done, 1));
    await reports.settled();
  }
  const results = (await lab.entries()).flatMap((entry) => entry.results);
  assertEquals(results.length, 16);
});

test("a result that the server has no room for costs no other host its own", async (lab) => {
  await withoutRoom(lab);
  const reports = lab.worker("1", { hosts: 2 });
  const large = { text: "x".repeat(800_000) };
  reports.report(hostOf(0), { ...resultOf(0), result: large });
  reports.report(hostOf(1), resultOf(1));
  await reports.settled();
  const results = (await lab.entries()).flatMap((entry) => entry.results);
  const statuses = results.map(({ index, text }) => [
    index,
    JSON.parse(text).status,
  ]);
  assertEquals(statuses, [[1, "ok"], [0, "ok"]]);
  const { result } = JSON.parse(results[1]!.text);
  assertMatch(result.text, /^x{1000,}\n\[\d+ bytes more were left out\]\n$/);
  assertStringIncludes(result.warnings[0], "A part was left out: Cannot put");
});

test("results and events that need no object are stored whole without one", async (lab) => {
  await withoutRoom(lab);
  const reports = lab.worker("1", { hosts: 4 });
  // Each is small, both are not; a character has three bytes.
  const text = "\u6587".repeat(120_000);
  for (const index of [0, 1]) {
    reports.report(hostOf(index), { ...resultOf(index), result: text });
  }
  for (let i = 0; i < 40; i++) {
    reports.event(outputOf(2, `${i} ${"y".repeat(20_000)}`));
  }
  reports.event(outputOf(2, "z".repeat(600_000)));
  reports.event({ event: "learned", args: { a: "********", b: "c" } });
  reports.event({ event: "learned", args: { a: text, b: text } });
  reports.report(hostOf(2), resultOf(2));
  reports.report(hostOf(3), resultOf(3));
  await reports.settled();
  const entries = await lab.entries();
  const results = entries.flatMap((entry) => entry.results);
  assertEquals(
    results.map(({ index, text }) => [index, JSON.parse(text).result]),
    [[0, text], [1, text], [2, null], [3, null]],
  );
  const events = entries.flatMap((entry) => entry.events)
    .map((line) => JSON.parse(line));
  assertEquals(
    events.slice(0, 40).map((each) => parseInt(each.text)),
    [...Array(40).keys()],
  );
  assertEquals(events.slice(40), [
    outputOf(2, "\n[600000 bytes more were left out]\n"),
    { event: "learned", args: { a: "********", b: "c" } },
    // Nothing that may be secret is shown.
    { event: "learned", args: { a: "********", b: "********" } },
  ]);
});

test("a large result waits for a store that does not answer, small ones do not", async (lab) => {
  let tries = 0;
  const plain = lab.packing;
  const reports = lab.worker("1", {
    hosts: 2,
    packing: {
      pack: async (body) => {
        if (body.length < 600_000 || ++tries > 2) return await plain.pack(body);
        const cause = new DOMException("timeout", "TimeoutError");
        throw new FtlError("Cannot put it there", { cause });
      },
    },
  });
  const text = "x".repeat(800_000);
  reports.report(hostOf(0), { ...resultOf(0), result: text });
  reports.report(hostOf(1), resultOf(1));
  await reports.settled();
  const results = (await lab.entries()).flatMap((entry) => entry.results);
  assertEquals(
    results.map((each) => [each.index, JSON.parse(each.text).result]),
    [[1, null], [0, text]],
  );
});

test("a worker that is stopped while the store hangs tells each result in short", async (lab) => {
  const [stop, objects] = [new AbortController(), new AbortController()];
  const plain = lab.packing;
  const hangs = Promise.withResolvers<void>();
  const reports = lab.worker("1", {
    hosts: 3,
    ...{ signal: stop.signal, stop: stop.signal },
    lateObjects: objects.signal,
    packing: {
      pack: async (body) => {
        if (body.length < 600_000) return await plain.pack(body);
        hangs.resolve();
        return await new Promise<never>(() => {});
      },
    },
  });
  await Promise.all([0, 1, 2].map((index) => reports.begin(index)));
  const large = { text: "x".repeat(800_000) };
  for (const index of [0, 1]) {
    reports.report(hostOf(index), { ...resultOf(index), result: large });
  }
  reports.report(hostOf(2), resultOf(2));
  await hangs.promise;
  stop.abort(new DOMException("Stopped", "AbortError"));
  objects.abort(new FtlError("The worker was stopped"));
  await reports.settled();
  const results = (await lab.entries()).flatMap((entry) => entry.results);
  assertEquals(results.map(({ index }) => index), [2, 0, 1]);
  for (const { index, text } of results.slice(1)) {
    const { status, result } = JSON.parse(text);
    assertEquals([index, status], [index, "ok"]);
    assertStringIncludes(result.text, "bytes more were left out");
    assertEquals(result.warnings, [
      "A part was left out: The worker was stopped",
    ]);
  }
});

test("a log whose entries are gone is written on", async (lab) => {
  const reports = lab.worker("1");
  await reports.begin(0);
  await lab.link.admin.streams.purge(EVENTS);
  for (const index of HOSTS) reports.report(hostOf(index), resultOf(index));
  await reports.settled();
  const results = (await lab.entries()).flatMap((entry) => entry.results);
  assertEquals(results.map(({ index }) => index), HOSTS);
});

test("a host that another worker has begun and left is lost, one that it has reported is not", async (lab) => {
  const gone = lab.worker("1");
  await gone.begin(0);
  await gone.begin(1);
  gone.report(hostOf(1), resultOf(1));
  while (!(await lab.entries()).some(({ results }) => results.length > 0));
  // Its first host has no result, and nobody answers for it.
  const next = lab.worker("2", { hosts: 2 });
  for (const index of [0, 1]) {
    await assertRejects(() => next.begin(index), BegunElsewhere);
    next.report(hostOf(index), resultOf(index));
  }
  await next.settled();
  const entries = await lab.entries();
  assertEquals(entries.flatMap(({ lost }) => lost), [0]);
  assertEquals(
    entries.flatMap(({ results }) => results.map(({ index }) => index)),
    [1],
  );
});

test("nothing is settled before it is known what became of hosts that others have begun", async (lab) => {
  await lab.worker("1").begin(0);
  const next = lab.worker("2", { hosts: 1 });
  // That it was begun is known only when this is written.
  next.report(hostOf(0), resultOf(0));
  await next.settled();
  const entries = await lab.entries();
  assertEquals(entries.flatMap(({ lost }) => lost), [0]);
});

test("a worker that is stopped leaves hosts that others run to others, at once", async (lab) => {
  await lab.worker("1").begin(0);
  const asked = Promise.withResolvers<void>();
  const answering = lab.link.connection.subscribe(SUBJECTS.worker("1"), {
    callback: (_, message) => {
      message.respond(encodeNats({ runs: true }));
      asked.resolve();
    },
  });
  const stop = new AbortController();
  const next = lab.worker("2", { hosts: 1, stop: stop.signal });
  next.report(hostOf(0), resultOf(0));
  const settled = next.settled();
  await asked.promise;
  stop.abort(new DOMException("Stopped", "AbortError"));
  await settled;
  answering.unsubscribe();
  assertEquals((await lab.entries()).flatMap(({ lost }) => lost), []);
});

test("hosts that the sender takes back are begun by no worker, and the reverse", async (lab) => {
  const worker = lab.worker("1");
  await worker.begin(0);
  assertEquals(await lab.sender.take([0, 1], resultOf, NEVER), [1]);
  await assertRejects(() => worker.begin(1), BegunElsewhere);
  worker.report(hostOf(0), resultOf(0));
  worker.report(hostOf(1), resultOf(1));
  worker.report(hostOf(2), resultOf(2));
  worker.report(hostOf(3), resultOf(3));
  await worker.settled();
  const results = (await lab.entries()).flatMap((entry) => entry.results);
  assertEquals(results.map(({ index }) => index), [1, 0, 2, 3]);
});

test("a worker that is stopped while it begins a host tells its result", async (lab) => {
  const stop = new AbortController();
  const { signal } = stop;
  const { promise, resolve } = Promise.withResolvers<void>();
  const reports = lab.worker("1", {
    ...{ signal, stop: signal },
    link: answeringAfter(promise, lab.link),
  });
  const begun = reports.begin(0);
  while ((await lab.entries()).length === 0);
  stop.abort(new DOMException("Stopped", "AbortError"));
  await assertRejects(() => begun, DOMException);
  reports.report(hostOf(0), resultOf(0));
  reports.report(hostOf(1), resultOf(1)); // it has not begun: it is for others
  resolve();
  await reports.settled();
  const results = (await lab.entries()).flatMap((entry) => entry.results);
  assertEquals(results.map(({ index }) => index), [0]);
});

test("many events are in entries of bounded size, all before the result", async (lab) => {
  const reports = lab.worker("1", { hosts: 1 });
  const large = "x".repeat(2_000);
  for (let i = 0; i < 3_000; i++) {
    reports.event(outputOf(0, i < 2_500 ? `${i} ` : `${i} ${large}`));
  }
  reports.report(hostOf(0), resultOf(0));
  await reports.settled();
  const entries = await lab.entries();
  const sizes = entries.map(({ events }) => events.join("").length);
  assert(Math.max(...sizes) <= 256 * 1024, String(sizes));
  assert(entries.every(({ events }) => events.length <= 1_000));
  const events = entries.flatMap((entry) => entry.events);
  assertEquals(
    events.map((text) => parseInt(JSON.parse(text).text)),
    [...Array(3_000).keys()],
  );
  const told = entries.findIndex((entry) => entry.results.length > 0);
  assertEquals(told, entries.length - 1);
});

test("a worker that does not answer at once has not lost its hosts", async (lab) => {
  const { link } = lab;
  const busy = lab.worker("busy");
  await busy.begin(0);
  const asked = Promise.withResolvers<void>();
  let questions = 0;
  const answers = link.connection.subscribe(SUBJECTS.worker("busy"), {
    callback: (_, message) => {
      if (++questions < 2) return;
      asked.resolve();
      message.respond(encodeNats({ runs: true }));
    },
  });
  const next = lab.worker("2", { hosts: 1 });
  await assertRejects(() => next.begin(0), BegunElsewhere);
  next.report(hostOf(0), resultOf(0));
  const settled = next.settled();
  await asked.promise;
  busy.report(hostOf(0), resultOf(0));
  await settled;
  answers.unsubscribe();
  const entries = await lab.entries();
  assertEquals(entries.flatMap(({ lost }) => lost), []);
});

test("a host does not begin when it is too late, also when the server was away", async (lab) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const limit = { sentAt: Date.now(), withinMs: 60_000 };
  const reports = lab.worker("1", {
    ...{ hosts: 2, limit },
    link: answeringAfter(promise, lab.link),
  });
  const begun = reports.begin(0);
  while ((await lab.entries()).length === 0);
  limit.sentAt = 0; // the server was away for long
  resolve();
  const late = await assertRejects(() => begun, NotBegunInTime);
  assertStringIncludes(
    late.message,
    "had not begun 1m after it was sent, and was not started: it was sent at 1970-01-01T00:00:00.000Z by its sender's clock",
  );
  await assertRejects(() => reports.begin(1), NotBegunInTime);
  reports.report(hostOf(0), judgeError(late, resultOf(0)));
  reports.report(hostOf(1), judgeError(late, resultOf(1)));
  await reports.settled();
  const entries = await lab.entries();
  assertEquals(entries.flatMap(({ begin }) => begin), [0]);
  const results = entries.flatMap((entry) => entry.results);
  assertEquals(results.map(({ index }) => index), [0, 1]);
});

/** A link on which what was stored is confirmed later. */
function answeringAfter(promise: Promise<void>, link: NatsLink): NatsLink {
  return linkOf(link, async (...message) => {
    const answer = await link.stream.publish(...message);
    await promise;
    return answer;
  });
}
