import { assertEquals, assertThrows } from "@std/assert";
import { readTree } from "../../../src/gate/imports/python_tree.ts";

Deno.test("readTree() returns what the reader finds in the tree", () => {
  assertEquals(
    readTree("import a\n", (root) => root.firstChild?.name),
    "ImportStatement",
  );
});

Deno.test("readTree() has a tree for text that is not Python", () => {
  assertEquals(readTree("(((\0 print x", (root) => root.name), "Script");
});

Deno.test("readTree() refuses a text that is too long", () => {
  assertThrows(
    () => readTree(`#${"a".repeat(2 * 1024 * 1024)}`, () => 1),
    SyntaxError,
    "it is longer than 2 MiB",
  );
});

for (
  const [error, message] of [
    [new RangeError("x"), "its code is nested too deeply"],
    [new TypeError("x"), "its code cannot be parsed"],
  ] as const
) {
  Deno.test(`readTree() turns a ${error.name} into one sentence`, () => {
    const read = () => {
      throw error;
    };
    const found = assertThrows(() => readTree("", read), SyntaxError, message);
    assertEquals((found as Error).cause, error);
  });
}
