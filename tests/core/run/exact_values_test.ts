// Any JSON value survives the way from an argument to a host, through a module,
// and back into each format. Python writes a number in its own shortest form, so
// the numbers here have that form.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import type { Call, HostResult } from "../../../src/core/call/call.ts";
import type { RunEvent } from "../../../src/core/call/run_event.ts";
import { ref } from "../../../src/core/input/reference.ts";
import { run } from "../../../src/core/run/run.ts";
import { parseJsonInventory } from "../../../src/inventory/format/json_inventory.ts";
import { parseYaml } from "../../../src/inventory/format/yaml.ts";
import { parseExact } from "../../../src/json/exact_json.ts";
import { createRenderer } from "../../../src/output/create_renderer.ts";
import type { Format } from "../../../src/output/renderer.ts";
import { createReportCollector } from "../../../src/output/report/report_data.ts";
import type { Json, JsonObject } from "../../../src/protocol/message.ts";
import { Site } from "../local_fleet.ts";

/** Numbers as Python prints them. */
const number = fc.oneof(
  fc.bigInt().map(String),
  fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }).map(String),
  fc.integer().map((n) => `${n}.0`),
  fc.constantFrom("9007199254740993", "18446744073709551615", "0.5", "-2.25"),
  fc.constantFrom("1e+16", "1.5e-07", "5e-324", "1.7976931348623157e+308"),
);

const value = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    number,
    fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
    fc.constantFrom("null", "true", "false"),
    fc.array(tie("value")).map((items) => `[${items}]`),
    fc.array(tie("value")).map((items) =>
      `{${items.map((item, i) => `"k${i}":${item}`)}}`
    ),
  ),
})).value;

const VALUES = fc.sample(value, { numRuns: 200, seed: 7 });
const TEXT = `[${VALUES}]`;

/** A module for each way to a module and back. */
const MODULES: Record<string, string> = {
  json: "#!/bin/sh\n# WANT_JSON\n" +
    "printf '{\"args\": '; cat \"$1\"; printf '}'\n",
  fact: "def main(progress=None, v=None):\n    progress({'v': v})\n" +
    "    return {'args': {'v': v}, 'ansible_facts': {'v': v}}\n",
};

async function eventsOf(
  site: Site,
  call: Call,
  vars: Record<string, unknown> = {},
): Promise<RunEvent[]> {
  const fleet = await site.open([await site.host("h1", vars)]);
  return await Array.fromAsync(run(fleet, call));
}

function resultOf(events: readonly RunEvent[]): HostResult {
  return events.find((event) => event.event === "result")!;
}

function argsOf(result: HostResult): JsonObject {
  assertEquals(result.error, null);
  return (result.result as JsonObject).args as JsonObject;
}

/** Compares texts of JSON; the message shows the first difference only. */
function assertSameJson(actual: unknown, expected: string): void {
  const text = JSON.stringify(actual);
  const wanted = JSON.stringify(parseExact(expected));
  if (text === wanted) return;
  let at = 0;
  while (text[at] === wanted[at]) at++;
  assertEquals(text.slice(at - 20, at + 80), wanted.slice(at - 20, at + 80));
}

for (const module of ["echo", "json", "fact"]) {
  Deno.test(`values survive the way to the module ${module} and back`, async () => {
    await using site = await Site.make();
    for (const [name, text] of Object.entries(MODULES)) {
      await site.write(`modules/${name}${name === "json" ? "" : ".py"}`, text);
    }
    const v = parseExact(TEXT) as Json;
    const events = await eventsOf(site, { module, args: { v } });
    const result = resultOf(events);
    assertSameJson(argsOf(result).v, TEXT);
    if (module !== "fact") return;
    const progress = events.find((event) => event.event === "progress")!;
    assertSameJson(progress.data, `{"v":${TEXT}}`);
    assertSameJson(
      result.result,
      `{"args":{"v":${TEXT}},"ansible_facts":{"v":${TEXT}}}`,
    );
  });
}

Deno.test("values survive the way from an inventory and a reference", async () => {
  await using site = await Site.make();
  const file = { text: `{"v": ${TEXT}}`, file: "hosts.json" };
  const yaml = parseYaml(
    {
      text: "big: 9007199254740993\nwhole: 1.0\nlist: [-0.0, 1.5e+300]\n",
      file: "x.yml",
    },
    { warn: () => {} },
  );
  const vars = {
    ...parseJsonInventory(file).value() as Record<string, unknown>,
    yaml: yaml.value(),
  };
  const args = { v: ref("v"), first: ref("v.0"), yaml: ref("yaml") };
  const result = resultOf(await eventsOf(site, { module: "echo", args }, vars));
  const echoed = argsOf(result);
  assertSameJson(echoed.v, TEXT);
  assertSameJson(echoed.first, VALUES[0]!);
  assertSameJson(
    echoed.yaml,
    '{"big":9007199254740993,"whole":1.0,"list":[-0.0,1.5e+300]}',
  );
});

/** What a format makes of events. */
function render(format: Format, events: readonly RunEvent[]): string {
  let text = "";
  const renderer = createRenderer(format, {
    write: (part) => text += part,
    version: "1.2.3",
    verbosity: 3,
    columns: ["host", "result.args.v", "result.args.n"],
  });
  for (const event of events) renderer.event(event);
  renderer.close();
  return text;
}

Deno.test("every format shows numbers with their text", async () => {
  await using site = await Site.make();
  const numbers = [
    "9007199254740993",
    "1.0",
    "-12345678901234567890123",
  ];
  const v = parseExact(`[${numbers}]`) as Json;
  const events = await eventsOf(site, {
    module: "echo",
    args: { v: v, n: (v as Json[])[0]! },
  });
  for (const format of ["text", "json", "ndjson", "table"] as const) {
    const shown = render(format, events);
    for (const number of numbers) {
      assertStringIncludes(shown, number);
    }
  }
  const [json, ndjson] = [render("json", events), render("ndjson", events)];
  const { results } = parseExact(json) as {
    results: Record<string, HostResult>;
  };
  assertSameJson(argsOf(results.h1!).v, `[${numbers}]`);
  const lines = ndjson.trim().split("\n").map((line) =>
    parseExact(line) as RunEvent
  );
  assertSameJson(argsOf(resultOf(lines)).v, `[${numbers}]`);
  const report = createReportCollector({ version: "1.2.3" });
  for (const event of events) report.event(event);
  const page = JSON.stringify(report.data());
  for (const number of numbers) assertStringIncludes(page, number);
});

Deno.test("a number named like a password is masked with all its digits", async () => {
  await using site = await Site.make();
  const args = parseExact(
    '{"password": 9007199254740993, "n": [9007199254740993]}',
  );
  const events = await eventsOf(site, {
    module: "echo",
    args: args as JsonObject,
  });
  const shown = render("json", events);
  assert(!shown.includes("900719925474"), shown);
});
