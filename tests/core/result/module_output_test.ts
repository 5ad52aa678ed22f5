// The rules of readModuleOutput(); the gate passes the same fixtures
// (tests/runtime/test_module_output.py).
import { assertEquals } from "@std/assert";
import { readModuleOutput } from "../../../src/core/result/module_output.ts";
import cases from "../../fixtures/module_output.json" with { type: "json" };

for (const { name, stdout, object } of cases) {
  Deno.test(`readModuleOutput() reads ${name}`, () => {
    const found = readModuleOutput(stdout);
    // As documents hold them: NaN is a text there.
    assertEquals(JSON.parse(JSON.stringify(found.object)), object);
    if (object === null) assertEquals(found.rest, stdout);
  });
}

Deno.test("readModuleOutput() returns the text around the object", () => {
  const { rest, count } = readModuleOutput('one\n{"a": 1} two\nthree\n');
  assertEquals({ rest, count }, { rest: "one\n two\nthree\n", count: 1 });
  assertEquals(readModuleOutput('\n {"a": 1}\n\n').rest, "");
});

Deno.test("readModuleOutput() counts the objects that were printed", () => {
  assertEquals(readModuleOutput('{"a": 1}\n[{"b": 1}]\n{"c": 1}\n').count, 2);
  assertEquals(readModuleOutput("hello\n").count, 0);
});

Deno.test("readModuleOutput() tells what is broken from what is absent", () => {
  const faults = ['{"a": 1', '{"a": 1,}', "hello", '{"a": 1}\n{"b": ['].map(
    (text) => readModuleOutput(text).fault,
  );
  assertEquals(faults, [
    "it has no end",
    "the text is not JSON",
    undefined,
    "it has no end",
  ]);
});

Deno.test("readModuleOutput() takes linear time for hostile text", () => {
  for (
    const text of [
      "{\n".repeat(1_000_000),
      '{"'.repeat(1_000_000),
      '{"a": 1}\n'.repeat(200_000),
      '[{"a":\n'.repeat(200_000),
      "{" + " \n".repeat(1_000_000),
      `{"a": "${"\\".repeat(1_000_000)}`,
      `{"a": "${'\\"'.repeat(1_000_000)}`,
      "\n \t".repeat(500_000),
    ]
  ) readModuleOutput(text);
});

Deno.test("readModuleOutput() keeps a key like __proto__ a key", () => {
  const { object } = readModuleOutput('{"__proto__": {"x": 1}}');
  assertEquals(Object.keys(object!), ["__proto__"]);
  assertEquals(Object.getPrototypeOf(object), Object.prototype);
});
