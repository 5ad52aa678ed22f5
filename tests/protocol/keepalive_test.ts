import { assertEquals } from "@std/assert";
import { Keepalive } from "../../src/protocol/keepalive.ts";
import { HandClock } from "./hand_clock.ts";

/** A keepalive that writes down what it does. */
function start(): { clock: HandClock; seen: string[]; keepalive: Keepalive } {
  const clock = new HandClock();
  const seen: string[] = [];
  const keepalive = new Keepalive({
    ping: () => seen.push("ping"),
    onSilence: () => seen.push("silence"),
    startTimer: clock.startTimer,
  });
  return { clock, seen, keepalive };
}

Deno.test("a keepalive pings every 15 s, and reports 60 s of silence once", () => {
  const { clock, seen } = start();
  clock.pass(14_999);
  assertEquals(seen, []);
  clock.pass(1);
  assertEquals(seen, ["ping"]);
  clock.pass(59_999);
  assertEquals(seen, ["ping", "ping", "ping", "ping"]);
  clock.pass(1_000_000);
  assertEquals(seen, ["ping", "ping", "ping", "ping", "silence"]);
});

Deno.test("a keepalive never reports less than 60 s as silence", () => {
  const { clock, seen, keepalive } = start();
  clock.pass(14_999);
  keepalive.heard();
  clock.pass(60_000);
  assertEquals(seen, ["ping", "ping", "ping", "ping"]);
});

Deno.test("a keepalive continues while the gate sends something", () => {
  const { clock, seen, keepalive } = start();
  for (let minute = 0; minute < 60; minute++) {
    clock.pass(59_000);
    keepalive.heard();
  }
  assertEquals(seen.includes("silence"), false);
});

Deno.test("a keepalive pings, but does not count silence, while nothing is read", async () => {
  const { clock, seen, keepalive } = start();
  const { promise, resolve } = Promise.withResolvers<void>();
  keepalive.pause(promise);
  clock.pass(300_000);
  assertEquals(seen, Array(20).fill("ping"));
  resolve();
  await promise;
  clock.pass(60_000);
  assertEquals(seen.includes("silence"), false);
  clock.pass(15_000);
  assertEquals(seen.at(-1), "silence");
});

Deno.test("a keepalive resets the silence after a time without reading", async () => {
  const { clock, seen, keepalive } = start();
  clock.pass(60_000);
  const { promise, resolve } = Promise.withResolvers<void>();
  keepalive.pause(promise);
  resolve();
  await promise;
  clock.pass(60_000);
  assertEquals(seen.includes("silence"), false);
});

Deno.test("stop() ends a keepalive and leaves no timer", () => {
  const { clock, seen, keepalive } = start();
  clock.pass(20_000);
  keepalive.stop();
  clock.pass(300_000);
  assertEquals(seen, ["ping"]);
  assertEquals(clock.timers, 0);
});
