import { assertEquals } from "@std/assert";
import { onAbort } from "../../src/async/abort.ts";

Deno.test("onAbort() calls each callback once, in order", () => {
  const told: number[] = [];
  const [one, other] = [new AbortController(), new AbortController()];
  onAbort(one.signal, () => told.push(1));
  onAbort(other.signal, () => told.push(2));
  onAbort(one.signal, () => told.push(3));
  one.abort();
  assertEquals(told, [1, 3]);
  other.abort();
  assertEquals(told, [1, 3, 2]);
});

Deno.test("onAbort() calls a function once for each time it was added", () => {
  const controller = new AbortController();
  let calls = 0;
  const count = () => calls++;
  const stop = onAbort(controller.signal, count);
  onAbort(controller.signal, count);
  onAbort(controller.signal, count);
  stop();
  stop();
  controller.abort();
  assertEquals(calls, 2);
});

Deno.test("onAbort() does not call a callback that an earlier one cancelled", () => {
  const controller = new AbortController();
  const told: string[] = [];
  onAbort(controller.signal, () => {
    told.push("first");
    stop();
  });
  const stop = onAbort(controller.signal, () => told.push("second"));
  controller.abort();
  assertEquals(told, ["first"]);
});

Deno.test("onAbort() has one listener on a signal while callbacks wait, and none after", () => {
  const { signal } = new AbortController();
  const calls: string[] = [];
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    calls.push("add");
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    calls.push("remove");
    remove(...args);
  };
  for (let round = 0; round < 2; round++) {
    const stops = Array.from({ length: 100 }, () => onAbort(signal, () => {}));
    for (const stop of stops) stop();
  }
  assertEquals(calls, ["add", "remove", "add", "remove"]);
});
