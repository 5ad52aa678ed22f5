import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Budget, type ChannelShare } from "../../src/protocol/reply_budget.ts";
import { HandClock } from "./hand_clock.ts";

const KIB = 1024;
const FREE = 256 * KIB;

function unexpected(): never {
  throw new Error("A share was overdue");
}

/** Says whether a wait is over once all promises that can settle have. */
async function isOver(wait: Promise<void> | undefined): Promise<boolean> {
  let over = wait === undefined;
  void wait?.then(() => over = true);
  await new Promise((resolve) => setTimeout(resolve));
  return over;
}

Deno.test("hold() charges nothing for the first 256 KiB of a channel", () => {
  const budget = new Budget({ limit: 0 });
  const shares = Array.from({ length: 100 }, () => budget.share(unexpected));
  for (const share of shares) assertEquals(share.hold(FREE), undefined);
  assertEquals(budget.used, 0);
});

Deno.test("hold() lets one channel continue above the limit, and the next when it is done", async () => {
  const clock = new HandClock();
  const budget = new Budget({ limit: 100, startTimer: clock.startTimer });
  const [first, second, third] = [1, 2, 3].map(() =>
    budget.share(unexpected)
  ) as [
    ChannelShare,
    ChannelShare,
    ChannelShare,
  ];
  assertEquals(first.hold(FREE + 101), undefined);
  const waits = [second.hold(FREE + 200), third.hold(FREE + 300)];
  assertEquals(first.hold(FREE + 5000), undefined);
  assertEquals(await isOver(waits[0]), false);
  assertEquals(first.hold(0), undefined);
  assertEquals(await isOver(waits[0]), true);
  assertEquals(await isOver(waits[1]), false);
  second.close();
  third.close();
  assertEquals(await isOver(waits[1]), true);
  assertEquals(budget.used, 0);
  assertEquals(clock.timers, 0);
});

Deno.test("hold() lets all channels continue below the limit", async () => {
  const budget = new Budget({ limit: 1000 });
  const [large, ...others] = [1, 2, 3].map(() => budget.share(unexpected));
  assertEquals(large?.hold(FREE + 1001), undefined);
  const waits = others.map((share) => share.hold(FREE + 10));
  assert(waits.every((wait) => wait !== undefined));
  large?.close();
  for (const wait of waits) assertEquals(await isOver(wait), true);
  assertEquals(budget.used, 20);
});

Deno.test("hold() returns one wait to a channel that asks twice", async () => {
  const budget = new Budget({ limit: 0 });
  const [first, second] = [budget.share(unexpected), budget.share(unexpected)];
  assertEquals(first.hold(FREE + 1), undefined);
  const waits = [second.hold(FREE + 1), second.hold(FREE + 2)];
  first.close();
  assertEquals(await isOver(waits[0]), true);
  assertEquals(await isOver(waits[1]), true);
  second.close();
});

Deno.test("a turn that keeps others waiting for a minute is overdue", async () => {
  const clock = new HandClock();
  const budget = new Budget({ limit: 0, startTimer: clock.startTimer });
  const overdue: string[] = [];
  const first = budget.share(() => {
    overdue.push("first");
    first.close();
  });
  const second = budget.share(() => overdue.push("second"));
  assertEquals(first.hold(FREE + 1), undefined);
  clock.pass(120_000);
  assertEquals(overdue, [], "nobody waited");
  const wait = second.hold(FREE + 1);
  clock.pass(60_000);
  assertEquals(overdue, ["first"]);
  assertEquals(await isOver(wait), true);
  second.close();
  assertEquals(clock.timers, 0);
});

Deno.test("close() of a waiting channel ends its wait and removes it from the order", async () => {
  const budget = new Budget({ limit: 0 });
  const [first, second, third] = [1, 2, 3].map(() =>
    budget.share(unexpected)
  ) as [
    ChannelShare,
    ChannelShare,
    ChannelShare,
  ];
  assertEquals(first.hold(FREE + 1), undefined);
  const waits = [second.hold(FREE + 1), third.hold(FREE + 1)];
  second.close();
  assertEquals(await isOver(waits[0]), true);
  first.close();
  assertEquals(await isOver(waits[1]), true);
  third.close();
  assertEquals(budget.used, 0);
});

Deno.test("one channel can always continue, and everything is released in the end", async () => {
  const step = fc.record({
    who: fc.nat(5),
    bytes: fc.oneof(fc.constant(0), fc.integer({ min: FREE, max: FREE + 500 })),
  });
  await fc.assert(fc.asyncProperty(fc.array(step), async (steps) => {
    const clock = new HandClock();
    const budget = new Budget({ limit: 700, startTimer: clock.startTimer });
    const shares = Array.from({ length: 6 }, () => budget.share(unexpected));
    const waiting = new Map<number, Promise<void>>();
    const held = new Map<number, number>();
    for (const { who, bytes } of steps) {
      // A waiting channel is not read, so it receives nothing either.
      if (waiting.has(who)) continue;
      held.set(who, bytes);
      const wait = shares[who]?.hold(bytes);
      if (wait) {
        waiting.set(who, wait);
        void wait.then(() => waiting.delete(who));
      }
      for (let turn = 0; turn < 4; turn++) await Promise.resolve();
      const charged = [...held.values()].map((each) =>
        Math.max(0, each - FREE)
      );
      assertEquals(budget.used, charged.reduce((sum, each) => sum + each, 0));
      const holders = [...held].filter(([, each]) => each > FREE);
      assert(
        holders.length === 0 || holders.some(([each]) => !waiting.has(each)),
        "all who hold something wait",
      );
      if (budget.used <= 700) assertEquals(waiting.size, 0);
    }
    for (const share of shares) share.close();
    await Promise.resolve();
    assertEquals(budget.used, 0);
    assertEquals(clock.timers, 0);
  }));
});

Deno.test("hold() waits where what was read has not been passed on", async () => {
  let room: PromiseWithResolvers<void> | undefined = Promise.withResolvers();
  const budget = new Budget({ room: () => room?.promise });
  const share = budget.share(() => {});
  const wait = share.hold(0);
  room.resolve();
  await wait;
  room = undefined;
  assertEquals(share.hold(0), undefined);
});
