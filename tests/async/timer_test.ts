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

Deno.test("a wait that is over already warns nobody", async () => {
  const timer = new URL("../../src/async/timer.ts", import.meta.url).href;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `import { startTimer } from "${timer}";` +
      "startTimer(() => console.log('at once'), -5);",
    ],
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assertEquals([text(stdout), text(stderr)], ["at once\n", ""]);
});
