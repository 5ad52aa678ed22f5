import { assertEquals } from "@std/assert";
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
