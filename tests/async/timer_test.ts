import process from "node:process";
import { assertEquals } from "@std/assert";
import { pause } from "../../src/async/deadline.ts";
import { startTimer } from "../../src/async/timer.ts";

Deno.test("startTimer() does not fire early for a very long wait", async () => {
  const fired: number[] = [];
  const stops = [2 ** 31, 2 ** 32 + 5, 1e15, Infinity]
    .map((ms) => startTimer(() => fired.push(ms), ms));
  await pause(30, new AbortController().signal);
  assertEquals(fired, []);
  // A leaked timer would fail this test.
  for (const stop of stops) stop();
});

Deno.test("startTimer() calls back when its time is up, unless it was cancelled", async () => {
  const fired: string[] = [];
  startTimer(() => fired.push("stopped"), 1)();
  const { promise, resolve } = Promise.withResolvers<void>();
  startTimer(() => {
    fired.push("in time");
    resolve();
  }, 5);
  await promise;
  assertEquals(fired, ["in time"]);
});

Deno.test("startTimer() calls back at once, without a warning, when its time is past", async () => {
  const warnings: unknown[] = [];
  const listen = (warning: Error) => warnings.push(warning.message);
  process.on("warning", listen);
  try {
    const { promise, resolve } = Promise.withResolvers<void>();
    startTimer(resolve, -20);
    await promise;
    await pause(5, new AbortController().signal);
    assertEquals(warnings, []);
  } finally {
    process.off("warning", listen);
  }
});

Deno.test("startTimer() lets what has come be read first after the process was held up", async () => {
  const child = new Deno.Command("echo", {
    args: ["answer"],
    stdout: "piped",
  }).spawn();
  const seen: string[] = [];
  const fired = Promise.withResolvers<void>();
  startTimer(() => {
    seen.push("timer");
    fired.resolve();
  }, 1);
  const answered = new Response(child.stdout).text()
    .then(() => seen.push("answer"));
  // Until the answer is there, and the timer is late.
  const start = performance.now();
  const isRunning = () =>
    !/\) Z /.test(Deno.readTextFileSync(`/proc/${child.pid}/stat`));
  while (isRunning() || performance.now() - start < 200);
  await Promise.all([answered, fired.promise]);
  assertEquals(seen, ["answer", "timer"]);
  await child.status;
});
