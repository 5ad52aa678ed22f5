import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  parseReport,
  readReceivedEvent,
  readReceivedResult,
} from "../../../../src/core/nats/messages/received_event.ts";
import type { Json, JsonObject } from "../../../../src/protocol/message.ts";

const RESULT: JsonObject = {
  host: "web1",
  status: "failed",
  changed: false,
  rc: 2,
  duration_ms: 12,
  phases_ms: { connect: 3, call: 9 },
  result: { msg: "no" },
  stdout: "out",
  stderr: "err",
  error: { kind: "call", phase: "call", message: "It failed", hint: null },
};

Deno.test("readReceivedResult() copies a whole result", () => {
  assertEquals<unknown>(readReceivedResult(RESULT, "web1"), RESULT);
  const { stdout: _, stderr: __, ...short } = RESULT;
  const quiet = { ...short, error: null, rc: null, result: null };
  assertEquals<unknown>(readReceivedResult(quiet, "web1"), quiet);
});

Deno.test("readReceivedResult() keeps the host that was expected, and no other member", () => {
  const read = readReceivedResult(
    { ...RESULT, host: "db1", event: "run_end", t: 5 },
    "web1",
  );
  assertEquals<unknown>(read, RESULT);
});

Deno.test("readReceivedResult() refuses wrong members by name", () => {
  const wrong: [string, Json | undefined][] = [
    ["status", "__proto__"],
    ["status", "hosts"],
    ["status", undefined],
    ["changed", 1],
    ["rc", "0"],
    ["rc", 1.5],
    ["rc", undefined],
    ["duration_ms", -1],
    ["duration_ms", null],
    ["phases_ms", null],
    ["phases_ms", { connect: "3" }],
    ["phases_ms", JSON.parse('{"__proto__": 1}')],
    ["result", undefined],
    ["stdout", {}],
    ["stderr", 1],
    ["error", undefined],
    ["error", "no"],
    ["error", { kind: "x", phase: "call", message: "", hint: null }],
    ["error", { kind: "call", phase: "x", message: "", hint: null }],
    ["error", { kind: "call", phase: "call", message: 1, hint: null }],
    ["error", { kind: "call", phase: "call", message: "", hint: 1 }],
  ];
  for (const [name, value] of wrong) {
    assertThrows(
      () => readReceivedResult({ ...RESULT, [name]: value } as JsonObject, "x"),
      SyntaxError,
      `its member ${name}`,
    );
  }
});

Deno.test("readReceivedResult() throws nothing but SyntaxErrors", () => {
  fc.assert(fc.property(
    fc.object({ key: fc.constantFrom(...Object.keys(RESULT), "kind") }),
    (changes) => {
      try {
        readReceivedResult(
          parseReport(JSON.stringify({ ...RESULT, ...changes })),
          "web1",
        );
      } catch (error) {
        return error instanceof SyntaxError;
      }
      return true;
    },
  ));
});

Deno.test("parseReport() refuses what is not a bounded object of JSON", () => {
  const wrong = [
    "",
    "null",
    "[]",
    "{",
    '{"a":'.repeat(5000) + "1" + "}".repeat(5000),
  ];
  for (const text of wrong) {
    assertThrows(() => parseReport(text), SyntaxError, "Cannot read");
  }
});

Deno.test("readReceivedEvent() takes the events of workers about hosts of the run", () => {
  const isOwn = (host: string) => host === "web1";
  const read = (event: Json) => readReceivedEvent(event, { t: 7, isOwn });
  const events: JsonObject[] = [
    { event: "host_phase", host: "web1", phase: "call", ms: 3 },
    { event: "output", host: "web1", stream: "stderr", text: "x" },
    { event: "progress", host: "web1", data: { percent: 5 } },
  ];
  for (const event of events) {
    assertEquals<unknown>(read({ ...event, t: 1, more: 2 }), {
      ...event,
      t: 7,
    });
    assertEquals(read({ ...event, host: "db1" }), undefined);
    assertEquals(read({ ...event, host: null }), undefined);
  }
});

Deno.test("readReceivedEvent() drops results, ends and what is malformed", () => {
  const isOwn = () => true;
  const dropped: Json[] = [
    null,
    "x",
    [],
    { ...RESULT, event: "result" },
    { event: "run_end", host: "web1", summary: {}, duration_ms: 1 },
    { event: "run_start", host: "web1" },
    { event: "host_phase", host: "web1", phase: "x", ms: 3 },
    { event: "host_phase", host: "web1", phase: "call", ms: "3" },
    { event: "output", host: "web1", stream: "x", text: "x" },
    { event: "output", host: "web1", stream: "stdout", text: 1 },
    { event: "progress", host: "web1" },
  ];
  for (const event of dropped) {
    assertEquals(readReceivedEvent(event, { t: 0, isOwn }), undefined);
  }
});
