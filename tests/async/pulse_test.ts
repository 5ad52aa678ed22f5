import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Pulse, sharedPulse } from "../../src/async/pulse.ts";
import { HandClock } from "../protocol/hand_clock.ts";

/** Longer than a test takes: where a member comes depends on the real time too. */
const MS = 640_000;

function member(onBeat = () => {}): { beats: number; beat(): void } {
  return {
    beats: 0,
    beat() {
      this.beats++;
      onBeat();
    },
  };
}

Deno.test("a pulse calls each member once in each interval, with one timer", () => {
  const clock = new HandClock();
  const pulse = new Pulse(MS, clock.startTimer);
  const members = Array.from({ length: 500 }, () => member());
  for (const one of members) pulse.add(one);
  assertEquals(clock.timers, 1);
  clock.pass(10 * MS);
  assertEquals(new Set(members.map(({ beats }) => beats)), new Set([10]));
  assertEquals(clock.timers, 1);
});

Deno.test("a pulse first calls a member after an interval", () => {
  const clock = new HandClock();
  const pulse = new Pulse(MS, clock.startTimer);
  const first = member();
  pulse.add(first);
  clock.pass(MS - 1);
  assertEquals(first.beats, 0);
  clock.pass(1);
  assertEquals(first.beats, 1);
});

Deno.test("a pulse has no timer without members", () => {
  const clock = new HandClock();
  const pulse = new Pulse(MS, clock.startTimer);
  const [one, other] = [member(), member()];
  pulse.add(one);
  pulse.add(other);
  pulse.delete(one);
  pulse.delete(one);
  clock.pass(MS);
  assertEquals([one.beats, other.beats], [0, 1]);
  pulse.delete(other);
  assertEquals(clock.timers, 0);
  clock.pass(10 * MS);
  assertEquals(other.beats, 1);
});

Deno.test("a member that is removed during a call is not called", () => {
  const clock = new HandClock();
  const pulse = new Pulse(MS, clock.startTimer);
  const second = member();
  const first = member(() => pulse.delete(second));
  pulse.add(first);
  pulse.add(second);
  clock.pass(3 * MS);
  assertEquals([first.beats, second.beats], [3, 0]);
});

Deno.test("a member that is added during a call waits for an interval", () => {
  const clock = new HandClock();
  const pulse = new Pulse(MS, clock.startTimer);
  const late = member();
  let isAdded = false;
  const first = member(() => {
    if (!isAdded) pulse.add(late);
    isAdded = true;
  });
  pulse.add(first);
  clock.pass(MS);
  assertEquals(late.beats, 0);
  clock.pass(MS);
  assertEquals([first.beats, late.beats], [2, 1]);
  pulse.delete(first);
  clock.pass(MS);
  assertEquals(late.beats, 2);
});

Deno.test("late timers delay no member more than once", () => {
  const [interval, late] = [3_750, 1_000];
  const clock = new HandClock();
  const { now } = performance;
  let ms = 0;
  performance.now = () => ms;
  try {
    const pulse = new Pulse(
      interval,
      (callback, wait) => clock.startTimer(callback, wait + late),
    );
    const first = member();
    pulse.add(first);
    for (; ms < 100_000; ms += 10, clock.pass(10)) {
      if (ms < interval) pulse.add(member());
    }
    const passed = ms / interval;
    assert(first.beats > passed - 2 && first.beats <= passed, `${first.beats}`);
  } finally {
    performance.now = now;
  }
});

Deno.test("members with the same interval share a pulse", () => {
  const { startTimer } = new HandClock();
  assertStrictEquals(sharedPulse(5, startTimer), sharedPulse(5, startTimer));
  assertEquals(
    sharedPulse(5, startTimer) === sharedPulse(6, startTimer),
    false,
  );
});
