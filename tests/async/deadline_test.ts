import { assertEquals, assertRejects } from "@std/assert";
import { Deadline, within } from "../../src/async/deadline.ts";

const never = new Promise<never>(() => {});

Deno.test("race() gives what the promise gives", async () => {
  const deadline = new Deadline(new AbortController().signal);
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
  const deadline = new Deadline(new AbortController().signal);
  deadline.set(1, () => new Error("first"));
  deadline.set(2, () => new Error("second"));
  await assertRejects(() => deadline.race(never), Error, "second");
});

Deno.test("within() gives something instead of what takes too long", async () => {
  assertEquals(await within(never, { ms: 1, instead: "late" }), "late");
  assertEquals(
    await within(Promise.resolve("soon"), { ms: 1000, instead: "late" }),
    "soon",
  );
});
