import { assertEquals, assertRejects } from "@std/assert";
import { FollowedRun } from "../../../../src/core/nats/sender/followed_run.ts";
import type { EventKind } from "../../../../src/core/nats/server/nats_subjects.ts";
import { encodeNats } from "../../../../src/core/nats/server/encode_nats.ts";
import { FtlError } from "../../../../src/errors.ts";

const START = {
  ...{ event: "run_start", t: 0, run: "r", module: "ping", args: {} },
  ...{ hosts: ["web1", "db1"], started: "2026-11-29T12:00:00Z" },
};

const message = (kind: EventKind, index: number, body: unknown) => ({
  ...{ kind, index, time: 1000 },
  body: () => Promise.resolve(encodeNats(body)),
});

Deno.test("a run that is followed has one result for each host, and an end", async () => {
  const run = new FollowedRun();
  assertEquals<unknown>(await run.take(message("start", 0, START)), [START]);
  const note = { worker: "w", id: "1", why: "no", hosts: [0, 0, 7] };
  const passed = { ...note, isFinal: false }; // others may take the call
  assertEquals(await run.take(message("refused", 0, passed)), []);
  const refused = { ...note, isFinal: true };
  const events = [
    ...await run.take(message("refused", 0, refused)),
    ...await run.take(message("result", 1, { status: "x" })),
  ];
  assertEquals(
    events.map((each) => each.event === "result" ? each.host : each.event),
    ["web1", "db1", "run_end"],
  );
});

Deno.test("a refusal does not end a host that a worker has begun", async () => {
  const run = new FollowedRun();
  await run.take(message("start", 0, START));
  await run.take(message("begin", 0, { worker: "w", id: "1" }));
  const refused = {
    worker: "v",
    id: "2",
    why: "no",
    isFinal: true,
    hosts: [0],
  };
  assertEquals(await run.take(message("refused", 0, refused)), []);
});

Deno.test("a second start of a run changes nothing", async () => {
  const run = new FollowedRun();
  await run.take(message("start", 0, START));
  const other = { ...START, hosts: [] };
  assertEquals(await run.take(message("start", 0, other)), []);
});

Deno.test("what cannot be read is refused by its member", async () => {
  const wrong: readonly [EventKind, unknown, string][] = [
    ["start", { ...START, hosts: [1] }, "hosts must be a list of texts"],
    ["start", { ...START, args: 1 }, "args must be an object"],
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
    const run = new FollowedRun();
    if (kind !== "start") await run.take(message("start", 0, START));
    await assertRejects(() => run.take(message(kind, 0, body)), FtlError, why);
  }
});
