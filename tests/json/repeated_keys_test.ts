import { assertEquals } from "@std/assert";
import { repeatedKeys } from "../../src/json/repeated_keys.ts";

Deno.test("repeatedKeys() finds keys that the same object repeats", () => {
  const text = `{
  "a": {"b": 1, "c": ["b", "b", {"b": 2}]},
  "d": "a", "e{": "}",
  "a" : 3, "\\u0064": 4
}`;
  assertEquals(repeatedKeys(text), [
    { key: "a", line: 4, earlierLine: 2 },
    { key: "d", line: 4, earlierLine: 3 },
  ]);
  assertEquals(repeatedKeys('{"a": [{"a": "a"}, "a", {"__proto__": 1}]}'), []);
});

Deno.test("repeatedKeys() finds at most 20, in linear time", () => {
  assertEquals(repeatedKeys(`{${'"a":1,'.repeat(100_000)}"a":1}`).length, 20);
  assertEquals(repeatedKeys(`${"[".repeat(100_000)}`), []);
});
