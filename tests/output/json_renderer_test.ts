import { assertEquals } from "@std/assert";
import type { RunEvent } from "../../src/core/call/run_event.ts";
import { createJsonRenderer } from "../../src/output/json_renderer.ts";
import type { TextWriter } from "../../src/output/renderer.ts";
import { eventsOf, render, resultOf } from "./sample_run.ts";

const create = (write: TextWriter) =>
  createJsonRenderer(write, { version: "1" });

Deno.test("createJsonRenderer() writes members in the documented order", () => {
  const document = JSON.parse(
    render(create, eventsOf([resultOf("b", { stdout: "x" }), resultOf("a")])),
  );
  assertEquals(Object.keys(document), [
    "ftl",
    "module",
    "args",
    "started",
    "duration_ms",
    "results",
    "summary",
  ]);
  assertEquals(Object.keys(document.results.b), [
    "host",
    "status",
    "changed",
    "rc",
    "duration_ms",
    "phases_ms",
    "result",
    "stdout",
    "error",
  ]);
});

Deno.test("createJsonRenderer() orders results as the run's hosts, not as they arrive", () => {
  const events = eventsOf([resultOf("c"), resultOf("a"), resultOf("b")], {
    hosts: ["a", "b", "c"],
  });
  const { results } = JSON.parse(render(create, events));
  assertEquals(Object.keys(results), ["a", "b", "c"]);
});

Deno.test("createJsonRenderer() writes the arguments of a command and a null module", () => {
  const [start, ...rest] = eventsOf([resultOf("a")]);
  const events = [
    { ...start, module: null, command: ["uname", "-r"] } as RunEvent,
    ...rest,
  ];
  const document = JSON.parse(render(create, events));
  assertEquals(document.module, null);
  assertEquals(document.command, ["uname", "-r"]);
});

Deno.test("createJsonRenderer() completes the document after an interrupt", () => {
  const events = eventsOf(
    [resultOf("a"), resultOf("b", { status: "failed" })],
    {
      hosts: ["a", "b", "c"],
    },
  ).slice(0, -1);
  const document = JSON.parse(render(create, events));
  assertEquals(Object.keys(document.results), ["a", "b"]);
  assertEquals(document.duration_ms, 11);
  assertEquals(document.summary, {
    hosts: 3,
    ok: 1,
    changed: 0,
    failed: 1,
    unreachable: 0,
    timed_out: 0,
    cancelled: 0,
    skipped: 0,
  });
});

Deno.test("createJsonRenderer() completes the document without results", () => {
  const [start] = eventsOf([resultOf("a")]);
  assertEquals(JSON.parse(render(create, [start!])).results, {});
  assertEquals(render(create, []), "");
});

Deno.test("createJsonRenderer() writes one document per run", () => {
  const run = eventsOf([resultOf("a")]);
  const text = render(create, [...run, ...run]);
  const half = text.slice(0, text.length / 2);
  assertEquals(text, half + half);
  assertEquals(JSON.parse(half).results.a.status, "ok");
});

Deno.test("createJsonRenderer() never writes more than one host's result at once", () => {
  const pieces: string[] = [];
  const renderer = create((text) => pieces.push(text));
  for (const event of eventsOf([resultOf("a"), resultOf("b")])) {
    renderer.event(event);
  }
  assertEquals(pieces.filter((text) => text.includes('"host"')).length, 2);
});

Deno.test("createJsonRenderer() keeps hosts and keys named like members of a prototype", () => {
  const result = JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}');
  const text = render(create, eventsOf([resultOf("__proto__", { result })]));
  const results = JSON.parse(text).results;
  assertEquals(Object.keys(results), ["__proto__"]);
  const entry = Object.values(results)[0] as { result: object };
  assertEquals(Object.keys(entry.result), ["__proto__", "constructor"]);
});
