import { assertEquals, assertThrows } from "@std/assert";
import { readPython } from "../../../src/gate/imports/python_tree.ts";

Deno.test("readPython() returns the reader's result", () => {
  assertEquals(
    readPython("import a\n", (root) => root.firstChild?.name),
    "ImportStatement",
  );
});

Deno.test("readPython() has a tree for text that is not Python", () => {
  assertEquals(readPython("(((\0 print x", (root) => root.name), "Script");
});

Deno.test("readPython() refuses a text that is too long", () => {
  assertThrows(
    () => readPython(`#${"a".repeat(2 * 1024 * 1024)}`, () => 1),
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
  Deno.test(`readPython() turns a ${error.name} into one sentence`, () => {
    const read = () => {
      throw error;
    };
    const found = assertThrows(
      () => readPython("", read),
      SyntaxError,
      message,
    );
    assertEquals((found as Error).cause, error);
  });
}
