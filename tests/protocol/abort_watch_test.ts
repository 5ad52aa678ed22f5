import { assertEquals } from "@std/assert";
import { AbortWatch } from "../../src/protocol/abort_watch.ts";

Deno.test("AbortWatch tells each id of a signal once, with the signal's reason", () => {
  const told: [number, unknown][] = [];
  const watch = new AbortWatch((id, reason) => told.push([id, reason]));
  const [one, other] = [new AbortController(), new AbortController()];
  watch.add(one.signal, 1);
  watch.add(other.signal, 2);
  watch.add(one.signal, 3);
  one.abort("stop");
  assertEquals(told, [[1, "stop"], [3, "stop"]]);
  other.abort("later");
  assertEquals(told.at(-1), [2, "later"]);
});

Deno.test("AbortWatch tells nothing of ids that were removed, nor after clear()", () => {
  const told: number[] = [];
  const watch = new AbortWatch((id) => told.push(id));
  const [one, other] = [new AbortController(), new AbortController()];
  watch.add(one.signal, 1);
  watch.add(one.signal, 2);
  watch.remove(one.signal, 1);
  one.abort();
  watch.add(other.signal, 3);
  watch.clear();
  other.abort();
  assertEquals(told, [2]);
});

Deno.test("AbortWatch has one listener on a signal while it has ids, and none after", () => {
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
  const watch = new AbortWatch(() => {});
  for (let id = 1; id <= 100; id++) watch.add(signal, id);
  for (let id = 1; id <= 100; id++) watch.remove(signal, id);
  assertEquals(calls, ["add", "remove"]);
});
