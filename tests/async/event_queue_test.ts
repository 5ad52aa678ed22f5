import { assert, assertEquals } from "@std/assert";
import { EventQueue } from "../../src/async/event_queue.ts";

Deno.test("an EventQueue yields events in order, even those pushed while it is read", async () => {
  const queue = new EventQueue<number>();
  queue.push(1);
  const seen: number[] = [];
  for await (const item of queue) {
    seen.push(item);
    if (item < 3) queue.push(item + 1);
    else queue.end();
  }
  assertEquals(seen, [1, 2, 3]);
});

Deno.test("an EventQueue waits for events until it is ended", async () => {
  const queue = new EventQueue<string>();
  const reading = Array.fromAsync(queue);
  await Promise.resolve();
  queue.push("a");
  await Promise.resolve();
  queue.push("b");
  queue.end();
  assertEquals(await reading, ["a", "b"]);
});

Deno.test("a full queue has room again when its consumer has read", async () => {
  const queue = new EventQueue<number>();
  for (let i = 0; i < 1000; i++) queue.push(i);
  const room = queue.room();
  assert(room instanceof Promise);
  const events = queue[Symbol.asyncIterator]();
  assertEquals(await events.next(), { done: false, value: 0 });
  await room;
  assertEquals(queue.room(), undefined);
});

Deno.test("producers do not wait for a consumer that is gone", async () => {
  const queue = new EventQueue<number>();
  const events = queue[Symbol.asyncIterator]();
  queue.push(0);
  await events.next();
  for (let i = 0; i < 1000; i++) queue.push(i);
  const room = queue.room();
  await events.return(undefined);
  await room;
  assertEquals(queue.room(), undefined);
});
