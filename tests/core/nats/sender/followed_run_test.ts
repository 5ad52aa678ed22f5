import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  encodeEntry,
  type LogDraft,
  readLogEntry,
} from "../../../../src/core/nats/messages/log_entry.ts";
import { FollowedRun } from "../../../../src/core/nats/sender/followed_run.ts";
import type { EventKind } from "../../../../src/core/nats/server/nats_subjects.ts";
import { makeExchangeKey } from "../../../../src/core/nats/trust/exchange_key.ts";
import {
  reportPacking,
  type RunPacking,
  senderPacking,
} from "../../../../src/core/nats/trust/run_packing.ts";
import { workerKeyText } from "../../../../src/core/nats/trust/worker_key.ts";
import { encodeNats } from "../../../../src/core/nats/server/encode_nats.ts";
import {
  plainPacking,
  UntrustedWorker,
} from "../../../../src/core/nats/trust/sealed_bodies.ts";
import { FtlError } from "../../../../src/errors.ts";

const START = {
  ...{ event: "run_start", t: 0, run: "r", module: "ping", args: {} },
  ...{ hosts: ["web1", "db1"], started: "2026-11-29T12:00:00Z" },
};
const SENT = { ...START, detached: true, logs: { sizes: [2] } };

const PLAIN = plainPacking({
  pack: (body) => Promise.resolve(body),
  unpack: (message) => Promise.resolve(message),
});
const { open } = PLAIN;
const newRun = () =>
  new FollowedRun({ open, openOwn: open, openRefusal: open }, isOver);
const isOver = () => Promise.resolve(false);

const message = (kind: EventKind, index: number, body: unknown) => ({
  ...{ kind, index, time: 1000 },
  data: encodeNats(body),
});

/** An entry of the log of both hosts. */
async function entry(draft: LogDraft, id = "1") {
  const writer = { worker: "w", id };
  const data = await encodeEntry(draft, { ...PLAIN, writer, entry: "e" });
  return { ...message("log", 0, {}), data };
}

const RESULT = JSON.stringify({
  ...{ status: "ok", changed: false, rc: 0, duration_ms: 1, phases_ms: {} },
  ...{ result: {}, error: null },
});

Deno.test("a run that is followed has one result for each host, and an end", async () => {
  const run = newRun();
  assertEquals<unknown>(await run.take(message("start", 0, SENT)), [START]);
  const note = { worker: "w", id: "1", why: "no", chunk: 0, hosts: [0, 0, 7] };
  const passed = { ...note, isFinal: false }; // others may take the call
  assertEquals(await run.take(message("refused", 0, passed)), []);
  const refused = { ...note, isFinal: true };
  const events = [
    ...await run.take(message("refused", 0, refused)),
    ...await run.take(await entry({ results: [{ index: 1, text: "{" }] })),
  ];
  assertEquals(
    events.map((each) => each.event === "result" ? each.host : each.event),
    ["web1", "db1", "run_end"],
  );
});

Deno.test("the phases in a result that no event has told come before it", async () => {
  const run = newRun();
  await run.take(message("start", 0, SENT));
  const phase = { event: "host_phase", host: "web1", phase: "connect", ms: 3 };
  const text = JSON.stringify({
    ...JSON.parse(RESULT),
    phases_ms: { connect: 3, auth: 4, unknown: 5, call: 6 },
  });
  const took = await run.take(
    await entry({
      begin: [0],
      events: [JSON.stringify(phase)],
      results: [{ index: 0, text }],
    }),
  );
  assertEquals(
    took.map((each) => each.event === "host_phase" ? each.phase : each.event),
    ["connect", "auth", "result"],
  );
});

Deno.test("who follows a run is told nothing of a host after its result, nor by a worker that has not begun it", async () => {
  const run = newRun();
  await run.take(message("start", 0, SENT));
  const output = { event: "output", host: "web1", stream: "stdout", text: "x" };
  const events = [JSON.stringify(output)];
  await run.take(await entry({ begin: [0] }));
  assertEquals(await run.take(await entry({ events }, "2")), []);
  const results = [{ index: 0, text: RESULT }];
  const told = await run.take(await entry({ events, results }));
  assertEquals(told.map(({ event }) => event), ["output", "result"]);
  assertEquals(await run.take(await entry({ events })), []);
});

Deno.test("a refusal does not end a host that a worker has begun", async () => {
  const run = newRun();
  await run.take(message("start", 0, SENT));
  await run.take(await entry({ begin: [0] }));
  const refused = {
    worker: "v",
    id: "2",
    why: "no",
    isFinal: true,
    chunk: 0,
    hosts: [0],
  };
  assertEquals(await run.take(message("refused", 0, refused)), []);
});

Deno.test("a worker tells nothing of hosts that another one has begun, but that it is gone", async () => {
  const run = newRun();
  await run.take(message("start", 0, SENT));
  await run.take(await entry({ begin: [0, 1] }));
  const forged = [0, 1].map((index) => ({ index, text: RESULT }));
  assertEquals(await run.take(await entry({ results: forged }, "2")), []);
  const [lost] = await run.take(await entry({ lost: [0] }, "2"));
  assert(lost?.event === "result");
  assertEquals([lost.host, lost.status], ["web1", "unreachable"]);
  assertStringIncludes(lost.error!.message, "may have taken effect");
  const [own] = await run.take(await entry({ results: forged }));
  assert(own?.event === "result");
  assertEquals([own.host, own.status], ["db1", "ok"]);
});

Deno.test("a result of a worker that is not believed is missed, and ends no host that has another", async () => {
  const unknown = await entry({ results: [{ index: 0, text: RESULT }] }, "x");
  const run = new FollowedRun({
    open: async (message) => {
      const opened = await open(message);
      const { id } = readLogEntry(opened.body);
      if (id === "x") throw new UntrustedWorker("ftl-worker-x");
      return opened;
    },
    ...{ openOwn: open, openRefusal: open },
  }, isOver);
  await run.take(message("start", 0, SENT));
  assertEquals(await run.take(unknown), []);
  const known = await entry({ results: [{ index: 1, text: RESULT }] });
  const [own, missed, end] = await run.take(known);
  assert(own?.event === "result" && missed?.event === "result");
  assertEquals([own.status, missed.status], ["ok", "unreachable"]);
  assertStringIncludes(missed.error!.message, "does not belong to it");
  assertEquals(end?.event, "run_end");
});

Deno.test("an entry tells nothing of hosts of another log", async () => {
  const run = newRun();
  await run.take(message("start", 0, { ...START, logs: { sizes: [1] } }));
  const results = [{ index: 1, text: RESULT }];
  assertEquals(await run.take(await entry({ results, lost: [7] })), []);
});

Deno.test("a second start of a run changes nothing", async () => {
  const run = newRun();
  await run.take(message("start", 0, SENT));
  const other = { ...SENT, hosts: [] };
  assertEquals(await run.take(message("start", 0, other)), []);
});

Deno.test("what cannot be read is refused by its member", async () => {
  const wrong: readonly [EventKind, unknown, string][] = [
    ["start", { ...SENT, hosts: [1] }, "hosts must be a list of texts"],
    ["start", { ...SENT, args: 1 }, "args must be an object"],
    ["start", { ...START, logs: { sizes: [1, 1] } }, "its logs are wrong"],
    ["start", { ...START, logs: { sizes: [0] } }, "its logs are wrong"],
    [
      "refused",
      { worker: "w", id: "1", why: "x", isFinal: true, hosts: "0" },
      "hosts must be a list",
    ],
    [
      "refused",
      { worker: "a b", id: "1" },
      "worker must be the name of a worker",
    ],
    ["end", { args: [] }, "args must be an object"],
  ];
  for (const [kind, body, why] of wrong) {
    const run = newRun();
    if (kind !== "start") await run.take(message("start", 0, SENT));
    await assertRejects(() => run.take(message(kind, 0, body)), FtlError, why);
  }
});

Deno.test("strangers who can read and publish do not end a run that is followed", async () => {
  const [receiver, pinned, stranger] = await Promise.all([
    makeExchangeKey(),
    makeExchangeKey(),
    makeExchangeKey(),
  ]);
  const pinnedText = await workerKeyText(pinned.publicKey);
  const plain = {
    ...PLAIN,
    unpack: (each: Uint8Array) => Promise.resolve(each),
  };
  const reader = await senderPacking(plain, {
    ...{ run: "r", receiver },
    isTrusted: (key) => key === pinnedText,
  });
  const [own, forged] = await Promise.all(
    [pinned, stranger].map((workerKey) =>
      reportPacking(plain, {
        run: "r",
        receiver: receiver.publicKey,
        workerKey,
      })
    ),
  );
  let isQueued = true;
  const run = new FollowedRun(reader, () => Promise.resolve(isQueued));
  const sent = await reader.pack(encodeNats(SENT));
  await run.take({ ...message("start", 0, {}), data: sent });
  const refuse = async ({ pack }: Pick<RunPacking, "pack">, about: object) => {
    const note = { worker: "w", id: "1", why: "no", isFinal: true, ...about };
    const data = await pack(encodeNats(note));
    return await run.take({ ...message("refused", 7, {}), data });
  };
  const hosts = [0, 1];
  assertEquals(await refuse(forged!, { chunk: 7, hosts }), []);
  assertEquals(await refuse(PLAIN, { chunk: 7, hosts }), []);
  // A copy of chunk 3 at the address of chunk 7, and what no allowed sender made.
  assertEquals(await refuse(own!, { chunk: 3, hosts }), []);
  assertEquals(await refuse(own!, {}), []);
  const done = await encodeEntry(
    { results: hosts.map((index) => ({ index, text: RESULT })) },
    { ...forged!, writer: { worker: "w", id: "x" }, entry: "e" },
  );
  assertEquals(await run.take({ ...message("log", 0, {}), data: done }), []);
  const believed = await refuse(own!, { chunk: 7, hosts: [0] });
  assertEquals(believed.map(({ event }) => event), ["result"]);
  isQueued = false;
  const over = await run.take({ ...message("log", 0, {}), data: done });
  assertEquals(over.map(({ event }) => event), ["result", "run_end"]);
});

Deno.test("of a run whose sender is there, only its own words end a host that no believed worker tells of", async () => {
  const run = newRun();
  await run.take(message("start", 0, { ...SENT, detached: false }));
  const note = { worker: "w", id: "1", why: "no", isFinal: true };
  for (const about of [{}, { chunk: 0, hosts: [0, 1] }]) {
    const refused = message("refused", 0, { ...note, ...about });
    assertEquals(await run.take(refused), []);
  }
  const events = await run.take(message("end", 0, {}));
  assertEquals(events.map(({ event }) => event), [
    "result",
    "result",
    "run_end",
  ]);
});

Deno.test("a detached run that only workers who do not allow its sender have got says so", async () => {
  const run = newRun();
  await run.take(message("start", 0, SENT));
  const note = { worker: "w", id: "1", why: "no", isFinal: true };
  await assertRejects(
    () => run.take(message("refused", 0, note)),
    FtlError,
    "The worker w refused: no",
  );
});
