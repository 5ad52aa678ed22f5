// The schemas of docs/schema hold for what the renderers write, and refuse what
// they do not write.
import { assert, assertEquals } from "@std/assert";
import Ajv from "ajv/dist/2020.js";
import type { RunEvent } from "../../src/core/call/run_event.ts";
import { createRenderer } from "../../src/output/create_renderer.ts";
import type { Format } from "../../src/output/renderer.ts";
import { render, sampleRun } from "./sample_run.ts";

const FOLDER = new URL("../../docs/schema/", import.meta.url);
const ajv = new Ajv.default({ strict: false, validateFormats: false });
for (const name of ["result", "event", "document"]) {
  const url = new URL(`${name}.schema.json`, FOLDER);
  ajv.addSchema(JSON.parse(await Deno.readTextFile(url)));
}

function faultsOf(name: string, value: unknown): string[] {
  const validate = ajv.getSchema(`urn:ftl:${name}:1`)!;
  return validate(value)
    ? []
    : (validate.errors ?? []).map((fault) =>
      `${fault.instancePath} ${fault.message}`
    );
}

function rendered(format: Format, count: number): string {
  return render(
    (write) => createRenderer(format, { version: "0.0.0", write }),
    sampleRun(count),
  );
}

for (const count of [1, 3, 50]) {
  Deno.test(`the JSON document of ${count} hosts is valid`, () => {
    assertEquals(faultsOf("document", JSON.parse(rendered("json", count))), []);
  });

  Deno.test(`every event of ${count} hosts is valid`, () => {
    for (const line of rendered("ndjson", count).trimEnd().split("\n")) {
      const event = JSON.parse(line);
      assertEquals(faultsOf("event", event), []);
      if (event.event !== "result") continue;
      const { event: _, t: __, ...result } = event;
      assertEquals(faultsOf("result", result), []);
    }
  });
}

const OTHERS: readonly RunEvent[] = [
  { event: "host_phase", t: 1, host: "web1", phase: "auth", ms: 2 },
  { event: "output", t: 1, host: "web1", stream: "stderr", text: "x" },
  { event: "progress", t: 1, host: "web1", data: [1, { a: null }] },
];

Deno.test("events that the sample runs lack are valid", () => {
  for (const event of OTHERS) assertEquals(faultsOf("event", event), []);
});

Deno.test("a result with an unknown status or member is not valid", () => {
  const document = JSON.parse(rendered("json", 1));
  document.results.web1.status = "perhaps";
  assert(faultsOf("document", document).length > 0);
  assert(faultsOf("result", { host: "web1" }).length > 0);
});
