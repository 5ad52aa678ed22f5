import { assertEquals } from "@std/assert";
import { createReportCollector } from "../../../src/output/report/report_data.ts";
import type { RunEvent } from "../../../src/core/call/run_event.ts";
import { result, START } from "./report_events.ts";

function dataOf(...events: RunEvent[]) {
  const collector = createReportCollector({ version: "1.2.3" });
  for (const event of events) collector.event(event);
  return collector.data()!;
}

Deno.test("a report holds each distinct result once, under folded names", () => {
  const data = dataOf(
    START,
    result("web1", "ok", { result: { a: 1 } }),
    result("web2", "ok", { result: { a: 1 } }),
    result("web3", "failed", { result: { msg: "no" } }),
  );
  assertEquals(data.results.map(({ label, hosts }) => [label, hosts]), [
    ["ok", "web[1-2]"],
    ["failed", "web3"],
  ]);
  assertEquals(data.hosts.map(([name, place]) => [name, place]), [
    ["web1", 0],
    ["web2", 0],
    ["web3", 1],
  ]);
});

Deno.test("a report of a run that was cut short shows hosts without a result", () => {
  const data = dataOf(START, result("web2", "changed"));
  assertEquals(data.hosts.map(([name, place]) => [name, place]), [
    ["web1", -1],
    ["web2", 0],
    ["web3", -1],
  ]);
  assertEquals(data.summary.changed, 1);
});

Deno.test("phases are in the order of their happening, and 0 where a host had none", () => {
  const data = dataOf(
    START,
    result("web1", "ok", { phases_ms: { call: 5 } }),
    result("web2", "ok", { phases_ms: { connect: 2, call: 3 } }),
  );
  assertEquals(data.phases, ["connect", "call"]);
  assertEquals(data.hosts[0]![4], [0, 5]);
  assertEquals(data.hosts[1]![4], [2, 3]);
});

Deno.test("text from hosts cannot drive a terminal or a page's direction", () => {
  const data = dataOf(
    START,
    result("web1", "ok", { result: { a: "\u202e\x1b[31m" } }),
  );
  const text = JSON.stringify(data.results);
  assertEquals(["\u202e", "\x1b"].filter((it) => text.includes(it)), []);
});
