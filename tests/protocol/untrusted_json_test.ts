import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseUntrustedJson } from "../../src/protocol/untrusted_json.ts";
import type { Json } from "../../src/protocol/message.ts";

/** How deep a value is nested: a number is 0 deep, `[]` 1. */
function depthOf(value: Json): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

Deno.test("parseUntrustedJson() accepts the maximum depth and refuses one more", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assertEquals(depthOf(parseUntrustedJson(nested(200))), 200);
  const error = assertThrows(
    () => parseUntrustedJson(nested(201)),
    SyntaxError,
  );
  assertEquals(
    error.message,
    "Cannot read JSON: it is nested more than 200 levels deep",
  );
});

Deno.test("parseUntrustedJson() refuses ten million brackets without parsing them", () => {
  assertThrows(
    () => parseUntrustedJson("[".repeat(1e7)),
    SyntaxError,
    "200 levels deep",
  );
  assertThrows(
    () => parseUntrustedJson('{"a":'.repeat(1e6)),
    SyntaxError,
    "200 levels deep",
  );
});

Deno.test("parseUntrustedJson() accepts a million values and refuses one more without parsing them", () => {
  const many = (commas: number) => `[0${",0".repeat(commas)}]`;
  assertEquals((parseUntrustedJson(many(999_999)) as Json[]).length, 1_000_000);
  for (const text of [many(1_000_000), `[${"[],".repeat(1_000_000)}0]`]) {
    const error = assertThrows(() => parseUntrustedJson(text), SyntaxError);
    assertEquals(
      error.message,
      "Cannot read JSON: it holds more than 1000000 values",
    );
  }
});

Deno.test("parseUntrustedJson() does not count commas inside strings", () => {
  const text = JSON.stringify([",".repeat(100), '",'.repeat(100), "\\"]);
  assertEquals(parseUntrustedJson(text, { maxValues: 3 }), JSON.parse(text));
});

Deno.test("parseUntrustedJson() does not count brackets inside strings", () => {
  const text = JSON.stringify(["[{".repeat(500), '\\"[[['.repeat(100), "\\"]);
  assertEquals(parseUntrustedJson(text), JSON.parse(text));
});

Deno.test("parseUntrustedJson() does not count closed brackets as depth", () => {
  const text = `[${Array(1000).fill('{"a":[]}').join()}]`;
  assertEquals(parseUntrustedJson(text, { maxDepth: 3 }), JSON.parse(text));
});

Deno.test("parseUntrustedJson() agrees with a recursive measure on any value", () => {
  const anyDepth = fc.nat(6);
  fc.assert(fc.property(fc.jsonValue(), anyDepth, (value, maxDepth) => {
    const text = JSON.stringify(value);
    if (depthOf(value as Json) <= maxDepth) {
      assertEquals(parseUntrustedJson(text, { maxDepth }), JSON.parse(text));
    } else {
      assertThrows(
        () => parseUntrustedJson(text, { maxDepth }),
        SyntaxError,
        "deep",
      );
    }
  }));
});

Deno.test("parseUntrustedJson() does not quote a text that is not JSON", () => {
  const error = assertThrows(
    () => parseUntrustedJson('{"password":"hunter2"'),
    SyntaxError,
  );
  assertEquals(error.message, "Cannot read JSON: the text is not JSON");
  assertEquals(error.cause, undefined);
});

Deno.test("parseUntrustedJson() bounds different keys, but not repeated ones", () => {
  const objects = (count: number, key: (i: number) => string) =>
    `[${Array.from({ length: count }, (_, i) => `{"${key(i)}":1}`).join(",")}]`;
  parseUntrustedJson(objects(200_000, (i) => `key${i % 50_000}`));
  assertThrows(
    () => parseUntrustedJson(objects(200_000, (i) => `key${i}`)),
    SyntaxError,
    "Cannot read JSON: it holds more than 100000 different keys",
  );
  const one = Array.from({ length: 900_000 }, (_, i) => `"k${i}":${i}`);
  assertThrows(
    () => parseUntrustedJson(`{${one.join(",")}}`),
    SyntaxError,
    "different keys",
  );
});
