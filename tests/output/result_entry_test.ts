import { assertEquals } from "@std/assert";
import type { HostResult } from "../../src/core/call/call.ts";
import { toEntry } from "../../src/output/result_entry.ts";

const RESULT: HostResult = {
  error: null,
  result: { ping: "pong" },
  phases_ms: {},
  duration_ms: 5,
  rc: 0,
  changed: false,
  status: "ok",
  host: "web1",
};

Deno.test("toEntry() orders members, and omits output that is absent", () => {
  assertEquals(Object.keys(toEntry(RESULT)), [
    ...["host", "status", "changed", "rc", "duration_ms", "phases_ms"],
    ...["result", "error"],
  ]);
});

Deno.test("toEntry() puts output before the error", () => {
  const keys = Object.keys(toEntry({ ...RESULT, stderr: "e", stdout: "o" }));
  assertEquals(keys.slice(-4), ["result", "stdout", "stderr", "error"]);
});
