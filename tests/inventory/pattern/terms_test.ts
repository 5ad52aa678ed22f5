// The syntax of patterns, and the cost of hostile ones: a split that is not linear
// would not finish.
import { assertEquals, assertThrows } from "@std/assert";
import { InventoryError } from "../../../src/errors.ts";
import { splitPattern } from "../../../src/inventory/pattern/terms.ts";

const texts = (pattern: string, names: readonly string[] = []) =>
  splitPattern(pattern, (name) => names.includes(name))
    .map(({ modifier, text }) => modifier + text);

Deno.test("splitPattern() splits at commas and colons outside brackets", () => {
  assertEquals(texts("web:&dc1:!db,x[1,2:3]"), [
    "web",
    "&dc1",
    "!db",
    "x[1,2:3]",
  ]);
  assertEquals(texts("~(a|b:c){1,2}:d"), ["~(a|b:c){1,2}", "d"]);
  assertEquals(texts("~a\\(:b"), ["~a\\(", "b"]);
  assertEquals(texts("a:b,c:d", ["a:b"]), ["a:b", "c", "d"]);
});

Deno.test("splitPattern() takes a bracket of a glob that is not closed as text", () => {
  assertEquals(texts("web[1,db"), ["web[1", "db"]);
});

Deno.test("splitPattern() splits 100 000 open brackets of a glob in linear time", () => {
  assertEquals(texts("[".repeat(100_000)).length, 1);
});

for (const bracket of ["(", "{", "["]) {
  Deno.test(`splitPattern() refuses 100 000 open ${bracket} in a regular expression`, () => {
    const error = assertThrows(
      () => texts("~" + bracket.repeat(100_000)),
      InventoryError,
      `: a ${bracket} is not closed`,
    );
    assertEquals(error.message.length < 300, true, error.message);
  });
}
