import { assertEquals } from "@std/assert";
import type { Json } from "../../../src/protocol/message.ts";
import { createCut } from "../../../src/output/text/cut.ts";
import { memberLines } from "../../../src/output/text/value.ts";

function lines(value: Json, options = { whole: false }): string {
  return memberLines("key", value, createCut(options)).join("\n");
}

Deno.test("memberLines() shows scalars on the key's line", () => {
  const shown = [null, true, 1.5, "text", "0644", "a: b"].map((v) => lines(v));
  assertEquals(shown, [
    "key: null",
    "key: true",
    "key: 1.5",
    "key: text",
    "key: 0644",
    "key: a: b",
  ]);
});

Deno.test("memberLines() quotes text that looks like another type", () => {
  const shown = ["", " a", "a ", "true", "null", "42", "-1.5e3", "[]", "{}"]
    .map((text) => lines(text));
  assertEquals(shown, [
    'key: ""',
    'key: " a"',
    'key: "a "',
    'key: "true"',
    'key: "null"',
    'key: "42"',
    'key: "-1.5e3"',
    'key: "[]"',
    'key: "{}"',
  ]);
});

Deno.test("memberLines() nests objects, lists and multiline text", () => {
  assertEquals(
    lines({
      empty: {},
      none: [],
      flat: [1, "two", null],
      list: [{ a: 1, b: ["x, y"] }, "one\ntwo", ["p,q", [1]]],
      text: "first\nsecond\n",
    }, { whole: true }),
    `key:
  empty: {}
  none: []
  flat: [1, two, null]
  list:
    - a: 1
      b:
        - x, y
    - |
      one
      two
    - - p,q
      - [1]
  text: |
    first
    second`,
  );
});

Deno.test("memberLines() notes omissions at each place", () => {
  const inner = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [`k${i}`, i]),
  );
  assertEquals(
    lines({ inner, second: 1, third: 2 }).split("\n").slice(-4),
    ["    k8: 8", "    k9: 9", "    … 10 more (-v)", "  … 2 more (-v)"],
  );
  assertEquals(
    lines(Array.from({ length: 100 }, (_, i) => i)).split("\n").slice(-2),
    ["  - 10", "  … 89 more (-v)"],
  );
  assertEquals(
    lines("line\n".repeat(30)).split("\n").slice(-2),
    ["  line", "  … 19 more lines (-v)"],
  );
  assertEquals(
    lines("x".repeat(250)),
    `key: ${"x".repeat(200)}… (50 more characters, -v)`,
  );
});

Deno.test("memberLines() cuts nothing when whole", () => {
  const list = Array.from({ length: 100 }, (_, i) => i);
  assertEquals(lines(list, { whole: true }).split("\n").length, 101);
  assertEquals(lines("x".repeat(250), { whole: true }).length, 255);
});

Deno.test("memberLines() escapes keys and values, and treats no key specially", () => {
  const value = JSON.parse('{"__proto__": {"a\\nb": "\\u001b[2J"}}');
  assertEquals(lines(value), "key:\n  __proto__:\n    a\\nb: \\x1b[2J");
});

Deno.test("memberLines() shows the deepest nesting that the protocol allows", () => {
  let value: Json = "core";
  for (let i = 0; i < 200; i++) value = { k: value };
  assertEquals(lines(value, { whole: true }).split("\n").length, 201);
  assertEquals(lines(value).split("\n").length, 13);
});
