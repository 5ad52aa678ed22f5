import { assertEquals } from "@std/assert";
import { createNdjsonRenderer } from "../../src/output/ndjson_renderer.ts";
import { eventsOf, render, resultOf } from "./sample_run.ts";

Deno.test("createNdjsonRenderer() writes one line per event, event and t first", () => {
  const text = render(
    createNdjsonRenderer,
    eventsOf([resultOf("a")], {
      between: [
        { t: 1, host: "a", event: "host_phase", phase: "connect", ms: 1 },
        { event: "output", t: 2, host: "a", stream: "stdout", text: "x\ny" },
        { event: "progress", t: 3, host: "a", data: { percent: 50 } },
      ],
    }),
  );
  const lines = text.trimEnd().split("\n");
  assertEquals(lines.slice(1, 4), [
    '{"event":"host_phase","t":1,"host":"a","phase":"connect","ms":1}',
    '{"event":"output","t":2,"host":"a","stream":"stdout","text":"x\\ny"}',
    '{"event":"progress","t":3,"host":"a","data":{"percent":50}}',
  ]);
  assertEquals(lines.length, 6);
});

Deno.test("createNdjsonRenderer() writes a result's members in the order of JSON", () => {
  const text = render(createNdjsonRenderer, [{
    error: null,
    result: null,
    stderr: "e",
    stdout: "o",
    phases_ms: {},
    duration_ms: 1,
    rc: 0,
    changed: false,
    status: "ok",
    host: "a",
    t: 1,
    event: "result",
  }]);
  assertEquals(
    text,
    '{"event":"result","t":1,"host":"a","status":"ok","changed":false,"rc":0,' +
      '"duration_ms":1,"phases_ms":{},"result":null,"stdout":"o",' +
      '"stderr":"e","error":null}\n',
  );
});
