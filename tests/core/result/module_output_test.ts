import { assert, assertEquals } from "@std/assert";
import { readModuleOutput } from "../../../src/core/result/module_output.ts";

const CASES: [name: string, stdout: string, object: unknown, rest: string][] = [
  ["nothing but the object", '{"a": 1}\n', { a: 1 }, ""],
  [
    "an object over several lines",
    '{\n  "a": {\n"b": 1}\n}\n',
    { a: { b: 1 } },
    "",
  ],
  ["noise before it", 'warning: x\n{"a": 1}\n', { a: 1 }, "warning: x\n\n"],
  ["noise after it", '{"a": 1}\nbye\n', { a: 1 }, "\nbye\n"],
  ["noise on its line", 'hi {"a": "}"} bye\n', { a: "}" }, "hi  bye\n"],
  [
    "objects that were logged before it",
    '{"level": "info"}\n{"a": 1}',
    { a: 1 },
    '{"level": "info"}\n',
  ],
  [
    "braces that are not JSON",
    '{not json}\n{"a": 1}',
    { a: 1 },
    "{not json}\n",
  ],
  [
    "a quote that is never closed",
    '{ "oops\n{"a": "x\\"}"}\n',
    { a: 'x"}' },
    '{ "oops\n\n',
  ],
  ["Python's NaN", '{"a": NaN, "b": [-Infinity], "c": "NaN"}', {
    a: null,
    b: [null],
    c: "NaN",
  }, ""],
  ["no object", "hello\n", null, "hello\n"],
  ["an array", "[1]\n", null, "[1]\n"],
  ["an object that is not closed", '{"a": 1', null, '{"a": 1'],
];

for (const [name, stdout, object, rest] of CASES) {
  Deno.test(`readModuleOutput() takes apart ${name}`, () => {
    assertEquals(readModuleOutput(stdout), { object, rest } as never);
  });
}

Deno.test("readModuleOutput() takes no object that is nested too deep", () => {
  const deep = '{"a":'.repeat(1000) + "1" + "}".repeat(1000);
  assertEquals(readModuleOutput(deep).object, null);
});

Deno.test("readModuleOutput() keeps a key like __proto__ a key", () => {
  const { object } = readModuleOutput('{"__proto__": {"x": 1}}');
  assertEquals(Object.keys(object!), ["__proto__"]);
  assertEquals(Object.getPrototypeOf(object), Object.prototype);
});

Deno.test("readModuleOutput() gets through megabytes of open braces", () => {
  const text = "{\n".repeat(1_000_000);
  assertEquals(readModuleOutput(text).object, null);
});

Deno.test("readModuleOutput() takes linear time for quotes that never close", () => {
  const text = `{"${'\\"'.repeat(1_000_000)}}`;
  const start = performance.now();
  assertEquals(readModuleOutput(text).object, null);
  assertEquals(readModuleOutput(`{"a": NaN, ${text}}`).object, null);
  // A tenth of the text took a minute.
  assert(performance.now() - start < 20_000);
});

Deno.test("readModuleOutput() replaces NaN beside a string of megabytes", () => {
  const long = "a".repeat(15_000_000);
  assertEquals(
    readModuleOutput(`{"a": NaN, "b": "${long} NaN \\"Infinity"}`).object,
    { a: null, b: `${long} NaN "Infinity` },
  );
});
