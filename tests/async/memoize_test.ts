import { assertEquals } from "@std/assert";
import { memoize } from "../../src/async/memoize.ts";

Deno.test("memoize() does the work once for each text, even when it returns undefined", () => {
  const done: string[] = [];
  const work = memoize((text) => void done.push(text));
  for (const text of ["a", "b", "a", "__proto__", "b"]) work(text);
  assertEquals(done, ["a", "b", "__proto__"]);
});
