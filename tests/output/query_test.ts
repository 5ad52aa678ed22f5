import { assertEquals, assertRejects } from "@std/assert";
import type { HostResult } from "../../src/core/call/call.ts";
import type { RunEvent } from "../../src/core/call/run_event.ts";
import { createRenderer } from "../../src/output/create_renderer.ts";
import { parseExact } from "../../src/json/exact_json.ts";
import type { Json } from "../../src/protocol/message.ts";
import { compileQuery } from "../../src/output/query.ts";
import type { Format } from "../../src/output/renderer.ts";

const RESULT: HostResult = {
  host: "web1",
  status: "ok",
  changed: false,
  rc: 0,
  duration_ms: 1,
  phases_ms: {},
  result: { stat: { size: 3, mode: "0755" } },
  error: null,
};

for (
  const [expression, value] of [
    ["result.stat.size", 3],
    ["result.stat.{m: mode}", { m: "0755" }],
    ["[host, status]", ["web1", "ok"]],
    ["result.none", null],
    // An error on one host does not end the run.
    ["length(result.none)", null],
    // Names of JavaScript are not members.
    ["constructor", null],
    ["result.toString", null],
  ] satisfies [string, Json][]
) {
  Deno.test(`compileQuery() computes ${expression}`, async () => {
    assertEquals((await compileQuery(expression))(RESULT), value);
  });
}

Deno.test("compileQuery() finds what a command printed", async () => {
  const result = { stdout: "hi", stderr: "", rc: 0 };
  const query = await compileQuery("[stdout, stderr]");
  assertEquals(query({ ...RESULT, result }), ["hi", ""]);
});

Deno.test("compileQuery() compares numbers, and keeps those that are large", async () => {
  const result = parseExact(
    '{"load": 1.0, "id": 12345678901234567890}',
  ) as Json;
  const query = await compileQuery("result.[load >= `1`, id]");
  assertEquals(
    JSON.stringify(query({ ...RESULT, result })),
    "[true,12345678901234567890]",
  );
});

for (
  const [expression, problem] of [
    ["a[", "Cannot use --query a[: expected Star, got: EOF"],
    ["foo(@)", "unknown function: foo()"],
    ["a && [b, foo(c)]", "unknown function: foo()"],
  ] as const
) {
  Deno.test(`compileQuery() refuses ${expression} before any host is contacted`, async () => {
    await assertRejects(() => compileQuery(expression), Error, problem);
  });
}

async function render(format: Format): Promise<string> {
  let text = "";
  const renderer = createRenderer(format, {
    version: "1",
    write: (more) => text += more,
    query: await compileQuery("result.stat.size"),
  });
  const summary = { hosts: 1, ok: 1 };
  for (
    const event of [
      { event: "run_start", t: 0, hosts: ["web1"], module: "stat", args: {} },
      { event: "result", t: 1, ...RESULT },
      { event: "run_end", t: 2, duration_ms: 2, summary },
    ]
  ) renderer.event(event as unknown as RunEvent);
  renderer.close();
  return text;
}

Deno.test("every format shows the value of a query for each host", async () => {
  assertEquals((await render("text")).split("\n").slice(0, 2), [
    "web1: ok",
    "  3",
  ]);
  assertEquals(JSON.parse(await render("json")).results, { web1: 3 });
  assertEquals(
    (await render("ndjson")).split("\n")[1],
    '{"event":"result","t":1,"host":"web1","value":3}',
  );
  assertEquals((await render("table")).split("\n").slice(0, 2), [
    "HOST  STATUS  VALUE",
    "web1  ok          3",
  ]);
  assertEquals(await render("lines"), "web1: 3\n");
});
