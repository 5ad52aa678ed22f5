import { assertEquals, assertRejects } from "@std/assert";
import { Deadline, pause, within } from "../../src/async/deadline.ts";

const never = new Promise<never>(() => {});
const unsignalled = () => new AbortController().signal;

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}

Deno.test("race() gives what the promise gives", async () => {
  const deadline = new Deadline(unsignalled());
  assertEquals(await deadline.race(Promise.resolve(1)), 1);
  deadline.clear();
});

Deno.test("race() rejects with the signal's reason, also when it came before", async () => {
  const controller = new AbortController();
  const deadline = new Deadline(controller.signal);
  const waiting = deadline.race(never);
  controller.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  await assertRejects(
    () => new Deadline(controller.signal).race(never),
    Error,
    "enough",
  );
});

Deno.test("race() rejects when the time that was set last has passed", async () => {
  const deadline = new Deadline(unsignalled());
  deadline.set(1, () => new Error("first"));
  deadline.set(2, () => new Error("second"));
  await assertRejects(() => deadline.race(never), Error, "second");
});

Deno.test("the signal of a deadline aborts when its time is over", async () => {
  const deadline = new Deadline(unsignalled());
  deadline.set(1, () => new Error("late"));
  await aborted(deadline.signal);
  assertEquals(deadline.signal.reason.message, "late");
  assertEquals(deadline.expired, true);
  deadline.clear();
});

Deno.test("the signal of a deadline that is over is aborted when it is first asked for", async () => {
  const deadline = new Deadline(unsignalled());
  deadline.set(1, () => new Error("late"));
  await assertRejects(() => deadline.race(never), Error, "late");
  assertEquals(deadline.signal.reason.message, "late");
});

Deno.test("a deadline passes an outer abort on, and has not expired then", () => {
  const outer = new AbortController();
  const deadline = new Deadline(outer.signal);
  deadline.set(60_000, () => new Error("late"));
  const { signal } = deadline;
  outer.abort(new RangeError("stop"));
  assertEquals(signal.reason.message, "stop");
  assertEquals(deadline.expired, false);
  // A timer left behind would fail this test.
});

Deno.test("a deadline stands still while any pause lasts", async () => {
  const deadline = new Deadline(unsignalled());
  deadline.set(5, () => new Error("late"));
  const first = deadline.pause();
  const second = deadline.pause();
  const later = new Deadline(unsignalled());
  later.set(20, () => new Error("later"));
  first();
  await aborted(later.signal);
  assertEquals(deadline.signal.aborted, false);
  second();
  await aborted(deadline.signal);
  assertEquals(deadline.expired, true);
});

Deno.test("a deadline that was cleared starts no timer again", () => {
  const deadline = new Deadline(unsignalled());
  deadline.set(60_000, () => new Error("late"));
  const resume = deadline.pause();
  deadline.clear();
  resume(); // a timer left behind would fail this test
});

Deno.test("a deadline of a year does not end at once", async () => {
  const deadline = new Deadline(unsignalled());
  deadline.set(365 * 86_400_000, () => new Error("late"));
  await pause(20, unsignalled());
  assertEquals(deadline.expired, false);
  deadline.clear();
});

Deno.test("within() gives something instead of what takes too long", async () => {
  assertEquals(await within(never, { ms: 1, instead: "late" }), "late");
  assertEquals(
    await within(Promise.resolve("soon"), { ms: 2 ** 40, instead: "late" }),
    "soon",
  );
});

Deno.test("pause() ends with the signal", async () => {
  const controller = new AbortController();
  const paused = pause(2 ** 40, controller.signal);
  controller.abort(new Error("enough"));
  await assertRejects(() => paused, Error, "enough");
});
