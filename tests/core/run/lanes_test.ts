import { assertEquals } from "@std/assert";
import { runInLanes } from "../../../src/core/run/lanes.ts";

const always = () => undefined;
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

Deno.test("lanes start hosts in their order, and no more of them at once than they are", async () => {
  const started: number[] = [];
  let [underWay, most] = [0, 0];
  await runInLanes(numbers(40), {
    count: 7,
    room: always,
    work: async (host) => {
      started.push(host);
      most = Math.max(most, ++underWay);
      await Promise.resolve();
      underWay--;
    },
  });
  assertEquals(started, numbers(40));
  assertEquals(most, 7);
});

Deno.test("hosts that end only after the last one has started do not hold it up", async () => {
  const all = Promise.withResolvers<void>();
  let started = 0;
  await runInLanes(numbers(500), {
    count: 500,
    room: always,
    work: async () => {
      if (++started === 500) all.resolve();
      await all.promise;
    },
  });
  assertEquals(started, 500);
});

Deno.test("a host waits for room before it starts", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const log: string[] = [];
  const done = runInLanes(["a"], {
    count: 1,
    room: () => promise,
    work: (host) => {
      log.push(host);
      return Promise.resolve();
    },
  });
  log.push("room");
  resolve();
  await done;
  assertEquals(log, ["room", "a"]);
});

Deno.test("work that fails fails the whole", async () => {
  const error = new Error("the work failed");
  const caught = await runInLanes(numbers(3), {
    count: 2,
    room: always,
    work: (host) => host === 1 ? Promise.reject(error) : Promise.resolve(),
  }).catch((error) => error);
  assertEquals(caught, error);
});
