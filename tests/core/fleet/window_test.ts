import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Window } from "../../../src/core/fleet/window.ts";

const never = new AbortController().signal;

/** Whether a promise has settled after all pending work has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => settled = true, () => settled = true);
  await new Promise((resolve) => setTimeout(resolve));
  return settled;
}

Deno.test("enter() gives out all slots, then makes others wait in order", async () => {
  const window = new Window(2);
  const first = await window.enter(never);
  await window.enter(never);
  const third = window.enter(never);
  const fourth = window.enter(never);
  assertEquals(await isSettled(third), false);
  first.leave();
  first.leave();
  assertEquals(await isSettled(third), true);
  assertEquals(await isSettled(fourth), false);
});

Deno.test("enter() rejects when its signal aborts, and takes no slot", async () => {
  const window = new Window(1);
  const slot = await window.enter(never);
  const controller = new AbortController();
  const second = window.enter(controller.signal);
  controller.abort(new Error("enough"));
  await assertRejects(() => second, Error, "enough");
  await assertRejects(() => window.enter(controller.signal), Error, "enough");
  slot.leave();
  await window.enter(never);
});

Deno.test("idle slots stay until another host waits, then the longest idle one goes", async () => {
  const window = new Window(2);
  const evicted: string[] = [];
  const a = await window.enter(never);
  const b = await window.enter(never);
  a.rest(() => evicted.push("a"));
  b.rest(() => evicted.push("b"));
  assertEquals(evicted, []);
  const third = window.enter(never);
  assertEquals(evicted, ["a"]);
  assertEquals(await isSettled(third), false);
  a.leave();
  await third;
  assertEquals(evicted, ["a"]);
});

Deno.test("a slot that is used again is not evicted", async () => {
  const window = new Window(1);
  const slot = await window.enter(never);
  slot.rest(() => {
    throw new Error("evicted");
  });
  slot.wake();
  const next = window.enter(never);
  assertEquals(await isSettled(next), false);
  slot.leave();
  await next;
});

Deno.test("a slot that becomes idle while others wait is evicted at once", async () => {
  const window = new Window(1);
  const slot = await window.enter(never);
  const next = window.enter(never);
  slot.rest(() => slot.leave());
  await next;
});

Deno.test("a window has at least one slot", () => {
  for (const size of [0, -1, 1.5, NaN]) {
    assertThrows(() => new Window(size), RangeError);
  }
});

Deno.test("a window that grows gives slots to waiting hosts", async () => {
  const window = new Window(1);
  await window.enter(never);
  const second = window.enter(never);
  window.size = 2;
  await second;
  assertEquals(window.size, 2);
});

Deno.test("a window that shrinks evicts only as many idle slots as needed", async () => {
  const window = new Window(3);
  const evicted: string[] = [];
  const slots = [
    await window.enter(never),
    await window.enter(never),
    await window.enter(never),
  ];
  slots[0]!.rest(() => evicted.push("a"));
  slots[1]!.rest(() => evicted.push("b"));
  window.size = 2;
  assertEquals(evicted, ["a"]);
  const fourth = window.enter(never);
  assertEquals(evicted, ["a", "b"]);
  slots[0]!.leave();
  assertEquals(await isSettled(fourth), false);
  slots[1]!.leave();
  await fourth;
});

Deno.test("a window refuses to become smaller than one slot", () => {
  const window = new Window(2);
  assertThrows(
    () => window.size = 0,
    RangeError,
    "it is not a whole number above 0",
  );
  assertEquals(window.size, 2);
});
