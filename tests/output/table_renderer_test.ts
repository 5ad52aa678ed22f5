import { assertEquals, assertMatch } from "@std/assert";
import { createTableRenderer } from "../../src/output/table_renderer.ts";
import type { TableOptions } from "../../src/output/table_renderer.ts";
import { parseExact } from "../../src/json/exact_json.ts";
import type { JsonObject } from "../../src/protocol/message.ts";
import type { HostResult } from "../../src/core/call/call.ts";
import { eventsOf, render, resultOf } from "./sample_run.ts";

function table(results: HostResult[], options: TableOptions = {}): string[] {
  const text = render(
    (write) => createTableRenderer(write, options),
    eventsOf(results),
  );
  return text.trimEnd().split("\n");
}

Deno.test("createTableRenderer() aligns columns, numbers to the right", () => {
  const lines = table([
    resultOf("a", { result: { uptime: 7, os: "Debian" } }),
    resultOf("longer", { result: { uptime: 1234 } }),
  ], { columns: ["host", "result.uptime", "result.os"] });
  assertEquals(lines, [
    "HOST    RESULT.UPTIME  RESULT.OS",
    "a                   7  Debian",
    "longer           1234  -",
    "2 hosts: 2 ok in 1.2 s",
  ]);
});

Deno.test("createTableRenderer() finds keys with dots, indices, and members of the module's result", () => {
  const result = { "a.b": { c: 1 }, list: ["x", { y: 2 }], deep: { a: null } };
  const lines = table([resultOf("h", { result })], {
    columns: ["a.b.c", "result.list.1.y", "list", "deep.a", "result.no.way"],
  });
  assertEquals(lines[1], '    1                2  ["x",{"y":2}]  -       -');
});

Deno.test("createTableRenderer() shows the numbers that JSON lacks as numbers", () => {
  const result = parseExact('{"a": NaN, "b": -Infinity}') as JsonObject;
  const lines = table([resultOf("h", { result })], { columns: ["a", "b"] });
  assertEquals(lines[1], "NaN  -Infinity");
});

Deno.test("createTableRenderer() says that the output of a command was cut", () => {
  const stdout = `one\ntw\n[3010 bytes more were left out]\n`;
  const lines = table([resultOf("h", { result: { stdout, rc: 0 } })], {
    columns: ["message"],
  });
  assertEquals(lines[1], "one [3010 bytes more were left out]");
});

Deno.test("createTableRenderer() finds only own members", () => {
  const result = JSON.parse('{"__proto__": {"x": "mine"}}');
  const lines = table([resultOf("h", { result })], {
    columns: ["constructor", "result.toString", "__proto__.x", "result.length"],
  });
  assertMatch(lines[1]!, /^- +- +mine +-$/);
});

Deno.test("createTableRenderer() shows a warning where there is no other message", () => {
  const warnings = ["deleted lists the first 1000 of 1003 paths", "more"];
  const lines = table([resultOf("a", { result: { files: 1, warnings } })], {
    columns: ["message"],
  });
  assertEquals(lines[1], warnings[0]);
});

Deno.test("createTableRenderer() shows the most informative line as the message", () => {
  const lines = table([
    resultOf("a", { result: { stdout: "one\ntwo", stderr: "warn", rc: 0 } }),
    resultOf("b", {
      status: "failed",
      result: { stdout: "one", stderr: "\nbad thing\n", rc: 1 },
    }),
    resultOf("c", {
      status: "unreachable",
      result: null,
      error: {
        kind: "connect",
        phase: "auth",
        message: "Permission denied",
        hint: null,
      },
    }),
  ], { columns: ["host", "message"] });
  assertEquals(lines.slice(1, 4), [
    "a     one",
    "b     bad thing",
    "c     Permission denied",
  ]);
});

Deno.test("createTableRenderer() shows failures last and keeps the order of hosts", () => {
  const lines = table([
    resultOf("a", { status: "failed" }),
    resultOf("b"),
    resultOf("c"),
  ], { columns: ["host", "status"] });
  assertEquals(lines.slice(1, 4), ["b     ok", "c     ok", "a     failed"]);
});

Deno.test("createTableRenderer() cuts lines at the terminal's width", () => {
  const lines = table([resultOf("a", { result: { msg: "x".repeat(99) } })], {
    columns: ["host", "msg"],
    width: 20,
  });
  assertEquals(lines[1], "a     xxxxxxxxxxxxx…");
});

Deno.test("createTableRenderer() keeps each row on one line, whatever a host prints", () => {
  const msg = "a\nb\r\x1b[2J\t\u202e" + "x".repeat(1 << 20);
  const lines = table([resultOf("a\nb", { result: { msg } })], {
    columns: ["host", "msg"],
    width: 1000,
  });
  assertEquals(lines.length, 3);
  assertMatch(lines[1]!, /^a\\nb {2}a\\nb\\r\\x1b\[2J\\t\\u202ex+…$/);
});

Deno.test("createTableRenderer() shows only failures when quiet", () => {
  const lines = table([resultOf("a"), resultOf("b", { status: "timed_out" })], {
    columns: ["host", "status"],
    quiet: true,
  });
  assertEquals(lines.slice(1), [
    "b     timed out",
    "2 hosts: 1 ok, 1 timed out in 1.2 s",
  ]);
});

Deno.test("createTableRenderer() shows the results so far after an interrupt", () => {
  const events = eventsOf([resultOf("a")], { hosts: ["a", "b"] }).slice(0, -1);
  const create = { columns: ["host"] };
  assertEquals(
    render((write) => createTableRenderer(write, create), events),
    "HOST\na\n2 hosts: 1 ok, 1 without a result in 10 ms\n",
  );
});

Deno.test("the column stdout shows the output of a command too", () => {
  const lines = table([
    resultOf("a", { result: { rc: 0, stdout: "hi\n" } }),
    resultOf("b", { result: {}, stdout: "printed" }),
  ], { columns: ["host", "stdout"] });
  assertEquals(lines.slice(1, 3), ["a     hi", "b     printed"]);
});
