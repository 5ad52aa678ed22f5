import { assertEquals, assertStringIncludes } from "@std/assert";
import { readResult } from "../../../../src/core/nats/messages/read_result.ts";

const REPORT = {
  status: "ok",
  changed: false,
  rc: 0,
  duration_ms: 1,
  phases_ms: {},
  result: {},
  stdout: "",
  stderr: "",
  error: null,
  files: { size: 0 },
};

Deno.test("a line is the result of the host that its entry names, with its files", () => {
  const { result, files } = readResult(JSON.stringify(REPORT), "web1");
  assertEquals([result.host, result.status, files], ["web1", "ok", {
    size: 0,
  }]);
});

Deno.test("a line that is missing or cannot be read is that host's result", () => {
  for (const line of ["", "{", "[]", JSON.stringify({ status: "x" })]) {
    const { result, files } = readResult(line, "web2");
    assertEquals([result.host, result.status, files], [
      "web2",
      "unreachable",
      undefined,
    ]);
    assertStringIncludes(result.error!.message, "Cannot read the result");
  }
});
