import { assertEquals } from "@std/assert";
import { ConnectDeadline } from "../../../src/transport/ssh/connect_deadline.ts";

const never = new AbortController().signal;

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}

Deno.test("a deadline aborts when its time is over", async () => {
  const deadline = new ConnectDeadline(1, never);
  await aborted(deadline.signal);
  assertEquals(deadline.expired, true);
  deadline.stop();
});

Deno.test("a deadline passes an outer abort on, and has not expired then", () => {
  const outer = new AbortController();
  const deadline = new ConnectDeadline(60_000, outer.signal);
  outer.abort(new RangeError("stop"));
  assertEquals(deadline.signal.reason.message, "stop");
  assertEquals(deadline.expired, false);
  deadline.stop();
});

Deno.test("a deadline stands still while any pause lasts", async () => {
  const deadline = new ConnectDeadline(5, never);
  const first = deadline.pause();
  const second = deadline.pause();
  const later = new ConnectDeadline(20, never);
  first();
  await aborted(later.signal);
  assertEquals(deadline.signal.aborted, false);
  second();
  await aborted(deadline.signal);
  assertEquals(deadline.expired, true);
  later.stop();
  deadline.stop();
});

Deno.test("a deadline that was stopped starts no timer again", () => {
  const deadline = new ConnectDeadline(60_000, never);
  const resume = deadline.pause();
  deadline.stop();
  resume(); // a timer left behind would fail this test
});
