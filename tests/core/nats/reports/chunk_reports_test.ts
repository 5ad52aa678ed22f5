// Real workers' reports on a real server: who begins a host, and how many messages that
// takes.
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { NEVER } from "../../../../src/async/abort.ts";
import type { ChunkReports } from "../../../../src/core/nats/reports/chunk_reports.ts";
import { BegunElsewhere } from "../../../../src/core/nats/reports/lost_host.ts";
import { NotBegunInTime } from "../../../../src/core/nats/messages/begin_limit.ts";
import { encodeNats } from "../../../../src/core/nats/server/encode_nats.ts";
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
  reportsTest as test,
  resultOf,
} from "../../../support/reports_lab.ts";

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
    reports.event({ event: "output", host: `h${index}` });
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
    reports.event({ event: "output", host: "h0", text: String(i) });
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
  const files = `OBJ_${BUCKET}`;
  await lab.link.bucket(BUCKET, { ttlMs: 60_000 });
  await lab.link.admin.streams.update(files, { max_bytes: 1000 });
  const reports = lab.worker("1", { hosts: 2 });
  const large = { text: "x".repeat(800_000) };
  reports.report(hostOf(0), { ...resultOf(0), result: large });
  reports.report(hostOf(1), resultOf(1));
  await reports.settled();
  const results = (await lab.entries()).flatMap((entry) => entry.results);
  const statuses = results.map(({ index, text }) => [
    index,
    JSON.parse(text).status,
    JSON.parse(text).error?.message.slice(0, 22),
  ]);
  assertEquals(statuses.toSorted(), [
    [0, "failed", "Cannot send the result"],
    [1, "ok", undefined],
  ]);
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
    link: linkOf(lab.link, async (...message) => {
      const answer = await lab.link.stream.publish(...message);
      await promise;
      return answer;
    }),
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
    const text = i < 2_500 ? "" : large;
    reports.event({ event: "output", host: "h0", i, text });
  }
  reports.report(hostOf(0), resultOf(0));
  await reports.settled();
  const entries = await lab.entries();
  const sizes = entries.map(({ events }) => events.join("").length);
  assert(Math.max(...sizes) <= 256 * 1024, String(sizes));
  assert(entries.every(({ events }) => events.length <= 1_000));
  const events = entries.flatMap((entry) => entry.events);
  assertEquals(events.map((text) => JSON.parse(text).i), [
    ...Array(3_000).keys(),
  ]);
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
    link: linkOf(lab.link, async (...message) => {
      const answer = await lab.link.stream.publish(...message);
      await promise;
      return answer;
    }),
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
