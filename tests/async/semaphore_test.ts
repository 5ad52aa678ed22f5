import { assertEquals, assertRejects } from "@std/assert";
import { Semaphore } from "../../src/async/semaphore.ts";

const signal = new AbortController().signal;

/** Asks for places, and notes in which order they are given. */
function ask(places: Semaphore, keys: readonly string[]) {
  const given: string[] = [];
  const releases = keys.map((key, i) =>
    places.acquire(key, signal).then((release) => {
      given.push(`${key}${i}`);
      return release;
    })
  );
  return { given, releases };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.resolve();
}

Deno.test("acquire() limits the slots of a key", async () => {
  const places = new Semaphore({ perKey: 2, total: 10 });
  const { given, releases } = ask(places, ["a", "a", "a", "a"]);
  await settle();
  assertEquals(given, ["a0", "a1"]);
  (await releases[0]!)();
  await settle();
  assertEquals(given, ["a0", "a1", "a2"]);
});

Deno.test("acquire() limits the slots of all keys together", async () => {
  const places = new Semaphore({ perKey: 2, total: 3 });
  const { given, releases } = ask(places, ["a", "b", "c", "d", "e"]);
  await settle();
  assertEquals(given, ["a0", "b1", "c2"]);
  (await releases[1]!)();
  await settle();
  assertEquals(given, ["a0", "b1", "c2", "d3"]);
});

Deno.test("acquire() serves other keys while one has no free slot", async () => {
  const places = new Semaphore({ perKey: 1, total: 10 });
  const { given, releases } = ask(places, ["a", "a", "b"]);
  await settle();
  assertEquals(given, ["a0", "b2"]);
  (await releases[0]!)();
  await settle();
  assertEquals(given, ["a0", "b2", "a1"]);
});

Deno.test("acquire() rejects on abort, and the slot goes to the next waiter", async () => {
  const places = new Semaphore({ perKey: 1, total: 1 });
  const first = await places.acquire("a", signal);
  const abort = new AbortController();
  const second = places.acquire("a", abort.signal);
  const third = places.acquire("a", signal);
  abort.abort(new RangeError("gave up"));
  await assertRejects(() => second, RangeError, "gave up");
  first();
  (await third)();
  await assertRejects(
    () => places.acquire("a", AbortSignal.abort(new RangeError("late"))),
    RangeError,
    "late",
  );
});

Deno.test("a smaller total takes no slot back, and a larger one serves waiters", async () => {
  const semaphore = new Semaphore({ perKey: 9, total: 2 });
  const { signal } = new AbortController();
  const release = await semaphore.acquire("a", signal);
  await semaphore.acquire("b", signal);
  semaphore.total = 1;
  let isServed = false;
  const third = semaphore.acquire("c", signal).then(() => isServed = true);
  release();
  await Promise.resolve();
  assertEquals(isServed, false);
  semaphore.total = 2;
  await third;
});
