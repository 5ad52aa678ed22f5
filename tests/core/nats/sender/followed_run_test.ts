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
const SENT = { ...START, logs: { sizes: [2] } };

const PLAIN = plainPacking({
  pack: (body) => Promise.resolve(body),
  unpack: (message) => Promise.resolve(message),
});
const { open } = PLAIN;
const newRun = () =>
  new FollowedRun({ open, openOwn: open, openRefusal: open });

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
  const note = { worker: "w", id: "1", why: "no", hosts: [0, 0, 7] };
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

Deno.test("a refusal does not end a host that a worker has begun", async () => {
  const run = newRun();
  await run.take(message("start", 0, SENT));
  await run.take(await entry({ begin: [0] }));
  const refused = {
    worker: "v",
    id: "2",
    why: "no",
    isFinal: true,
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
  });
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
