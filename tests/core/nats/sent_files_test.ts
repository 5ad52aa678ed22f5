// What becomes of files that are sent along with a call: where they are while it runs,
// what is left of them, and what happens when they are changed there.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { ObjectStore } from "@nats-io/obj";
import type { HostResult } from "../../../src/core/call/call.ts";
import { BUCKET } from "../../../src/core/nats/server/nats_subjects.ts";
import type { EngineTask } from "../../../src/core/run/engine.ts";
import { collect } from "../../../src/core/run/run.ts";
import {
  type NatsHosts,
  testNatsHosts as test,
} from "../../support/nats_hosts.ts";

/** A file of 5 MB, which is three parts, and a call that pushes it. */
async function largePush(hosts: NatsHosts) {
  const content = new Uint8Array(5_000_000).map((_, i) => i % 251);
  const src = join(hosts.folder, "large");
  await Deno.writeFile(src, content);
  const push = { src, dest: join(hosts.folder, "there") };
  return { content, push, task: { call: { push } } };
}

async function objectsOf(hosts: NatsHosts): Promise<{
  bucket: ObjectStore;
  names: string[];
}> {
  const link = await hosts.lab.link();
  const bucket = await link.bucket(BUCKET, { ttlMs: 3_600_000 });
  const names = (await bucket.list()).map(({ name }) => name);
  return { bucket, names };
}

async function objectAt(bucket: ObjectStore, name: string) {
  return (await bucket.getBlob(name))!;
}

/** Sends a run for which there is no worker yet, and returns it and its objects. */
async function sent(hosts: NatsHosts, task: EngineTask) {
  const home = join(hosts.folder, "worker");
  const worker = await hosts.worker({ home });
  const engine = await hosts.engine(await hosts.lab.sealing(worker));
  await worker.stop();
  const running = engine.run(task);
  const first = await running.next();
  assertEquals(first.value?.event, "run_start");
  const rest = (async () => {
    const results: HostResult[] = [];
    for await (const event of running) {
      if (event.event === "result") results.push(event);
    }
    return results;
  })();
  const { bucket, names } = await objectsOf(hosts);
  return {
    ...{ bucket, names, results: rest },
    /** Starts the worker again. */
    work: async () => void await hosts.worker({ home }),
  };
}

test(
  "files are encrypted in the object store, and removed after the run",
  { hosts: 3 },
  async (hosts) => {
    const { content, push, task } = await largePush(hosts);
    const worker = await hosts.worker();
    const engine = await hosts.engine(await hosts.lab.sealing(worker));
    const during: Uint8Array[] = [];
    for await (const event of engine.run({ ...task, hosts: ["h0"] })) {
      if (event.event !== "run_start") continue;
      const { bucket, names } = await objectsOf(hosts);
      for (const name of names) during.push(await objectAt(bucket, name));
    }
    assertEquals(during.length, 3);
    const start = content.subarray(0, 64).toHex();
    assertEquals(during.some((each) => each.toHex().includes(start)), false);
    assertEquals(await Deno.readFile(push.dest), content);
    assertEquals((await objectsOf(hosts)).names, []);
  },
);

test("a file that was changed on the server is not used", {
  hosts: 2,
}, async (hosts) => {
  const { push, task } = await largePush(hosts);
  const { bucket, names, results, work } = await sent(hosts, task);
  const bytes = await objectAt(bucket, names[0]!);
  bytes[1000]! ^= 1;
  await bucket.putBlob({ name: names[0]! }, bytes);
  await work();
  for (const { status, error } of await results) {
    assertEquals(status, "unreachable");
    assertStringIncludes(error?.message ?? "", "its content was changed");
  }
  await assertRejects(() => Deno.stat(push.dest), Deno.errors.NotFound);
});

test("a file that is gone from the server is missed by name", {
  hosts: 1,
}, async (hosts) => {
  const { task } = await largePush(hosts);
  const { bucket, names, results, work } = await sent(hosts, task);
  await bucket.delete(names[1]!);
  await work();
  const [result] = await results;
  assertStringIncludes(result?.error?.message ?? "", "it is not there");
});

test("a file that grew on the server is not read to its end", {
  hosts: 1,
}, async (hosts) => {
  const { task } = await largePush(hosts);
  const { bucket, names, results, work } = await sent(hosts, task);
  await bucket.putBlob({ name: names[0]! }, new Uint8Array(30_000_000));
  await work();
  const [result] = await results;
  assertStringIncludes(result?.error?.message ?? "", "it has more than");
});

test("an object store without room refuses the push before any host", {
  hosts: 1,
  server: { maxStore: "4MB" },
}, async (hosts) => {
  const { task } = await largePush(hosts);
  const worker = await hosts.worker();
  const engine = await hosts.engine(await hosts.lab.sealing(worker));
  const error = await assertRejects(() => collect(engine.run(task)));
  assertStringIncludes((error as Error).message, "object store of NATS");
  assertEquals((await objectsOf(hosts)).names, []);
});

test("an object store without room for what is fetched fails that host", {
  hosts: 1,
}, async (hosts) => {
  const { push } = await largePush(hosts);
  const { admin, bucket } = await hosts.lab.link();
  await bucket(BUCKET, { ttlMs: 3_600_000 });
  await admin.streams.update(`OBJ_${BUCKET}`, { max_bytes: 3_000_000 });
  const worker = await hosts.worker();
  const engine = await hosts.engine(await hosts.lab.sealing(worker));
  const fetch = { src: push.src, dest: join(hosts.folder, "back") };
  const { results } = await collect(engine.run({ call: { fetch } }));
  const { status, error } = results.get("h0")!;
  assertEquals(status, "failed");
  assertStringIncludes(error!.message, "Cannot send the files of h0");
  assertEquals((await objectsOf(hosts)).names, []);
});

test("what was fetched is removed from the object store", {
  hosts: 2,
}, async (hosts) => {
  const { content, push } = await largePush(hosts);
  const worker = await hosts.worker();
  const engine = await hosts.engine(await hosts.lab.sealing(worker));
  const fetch = { src: push.src, dest: join(hosts.folder, "back") };
  const { summary } = await collect(engine.run({ call: { fetch } }));
  assertEquals(summary.changed, 2);
  const back = await Deno.readFile(join(fetch.dest, "h1/large"));
  assertEquals(back, content);
  assertEquals((await objectsOf(hosts)).names, []);
});

test(
  "a detached push goes on without its sender",
  { hosts: 1 },
  async (hosts) => {
    const { content, push, task } = await largePush(hosts);
    const worker = await hosts.worker();
    const engine = await hosts.engine(await hosts.lab.sealing(worker));
    const { signal } = new AbortController();
    await engine.detach(task, signal);
    await engine.close();
    while (!await Deno.stat(push.dest).catch(() => undefined)) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assertEquals(await Deno.readFile(push.dest), content);
    const error = await assertRejects(async () => {
      const again = await hosts.engine(await hosts.lab.sealing(worker));
      await again.detach({ call: { fetch: push } }, signal);
    });
    assertStringIncludes((error as Error).message, "Cannot detach a fetch");
  },
);
