import { assertEquals, assertStringIncludes } from "@std/assert";
import { readResult } from "../../../../src/core/nats/messages/read_result.ts";

const REPORT = {
  host: "web1",
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

const body = () =>
  Promise.resolve(new TextEncoder().encode(JSON.stringify(REPORT)));

Deno.test("a report is the result of its own host, with its files", async () => {
  const { result, files } = await readResult(body, "web1");
  assertEquals([result.host, result.status, files], ["web1", "ok", {
    size: 0,
  }]);
});

Deno.test("a report that was stored for another host is not its result", async () => {
  const { result, files } = await readResult(body, "web2");
  assertEquals([result.host, result.status, files], [
    "web2",
    "unreachable",
    undefined,
  ]);
  assertStringIncludes(result.error!.message, "it is of another host");
});
