import { assertEquals, assertRejects } from "@std/assert";
import { Deadline, pause, within } from "../../src/async/deadline.ts";

const never = new Promise<never>(() => {});
const unsignalled = () => new AbortController().signal;

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}

Deno.test("race() settles as the promise does", async () => {
  const deadline = new Deadline(unsignalled());
  assertEquals(await deadline.race(Promise.resolve(1)), 1);
  deadline.clear();
});

Deno.test("race() rejects with the signal's reason, even of an earlier abort", async () => {
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

Deno.test("race() rejects after the last time that was set", async () => {
  const deadline = new Deadline(unsignalled());
  deadline.set(1, () => new Error("first"));
  deadline.set(2, () => new Error("second"));
  await assertRejects(() => deadline.race(never), Error, "second");
});

Deno.test("the signal of a deadline aborts when its time is up", async () => {
  const deadline = new Deadline(unsignalled());
  deadline.set(1, () => new Error("late"));
  await aborted(deadline.signal);
  assertEquals(deadline.signal.reason.message, "late");
  assertEquals(deadline.expired, true);
  deadline.clear();
});

Deno.test("the signal of an ended deadline is aborted from the start", async () => {
  const deadline = new Deadline(unsignalled());
  deadline.set(1, () => new Error("late"));
  await assertRejects(() => deadline.race(never), Error, "late");
  assertEquals(deadline.signal.reason.message, "late");
});

Deno.test("a deadline forwards an outer abort, and has not expired", () => {
  const outer = new AbortController();
  const deadline = new Deadline(outer.signal);
  deadline.set(60_000, () => new Error("late"));
  const { signal } = deadline;
  outer.abort(new RangeError("stop"));
  assertEquals(signal.reason.message, "stop");
  assertEquals(deadline.expired, false);
  // A leaked timer would fail this test.
});

Deno.test("a deadline stops its clock during a pause", async () => {
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

Deno.test("a deadline can be given more time", async () => {
  const deadline = new Deadline(unsignalled());
  deadline.set(5, () => new Error("late"));
  deadline.extend(60_000);
  const later = new Deadline(unsignalled());
  later.set(20, () => new Error("later"));
  await aborted(later.signal);
  assertEquals(deadline.signal.aborted, false);
  deadline.clear();
});

Deno.test("a cleared deadline starts no timer", () => {
  const deadline = new Deadline(unsignalled());
  deadline.set(60_000, () => new Error("late"));
  const resume = deadline.pause();
  deadline.clear();
  resume(); // a leaked timer would fail this test
});

Deno.test("a deadline of a year does not end at once", async () => {
  const deadline = new Deadline(unsignalled());
  deadline.set(365 * 86_400_000, () => new Error("late"));
  await pause(20, unsignalled());
  assertEquals(deadline.expired, false);
  deadline.clear();
});

Deno.test("within() resolves to `instead` when the promise takes too long", async () => {
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

Deno.test("a deadline that paused after its time was up ends at once", async () => {
  const deadline = new Deadline(new AbortController().signal);
  deadline.set(1, () => new RangeError("late"));
  const until = performance.now() + 10;
  while (performance.now() < until); // no timer rings meanwhile
  deadline.pause()();
  await assertRejects(
    () => deadline.race(new Promise<never>(() => {})),
    RangeError,
    "late",
  );
});
