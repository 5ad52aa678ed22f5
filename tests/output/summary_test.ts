import { assertEquals } from "@std/assert";
import { emptySummary, STATUSES } from "../../src/core/call/call.ts";
import { createStyle } from "../../src/output/style.ts";
import {
  durationText,
  isFailure,
  sizeText,
  summaryLine,
} from "../../src/output/summary.ts";

const style = createStyle(false);

Deno.test("summaryLine() shows counts that are not zero, failures last", () => {
  const summary = { ...emptySummary(5), unreachable: 1, failed: 1, ok: 3 };
  assertEquals(
    summaryLine(summary, { durationMs: 1234, style }),
    "5 hosts: 3 ok, 1 failed, 1 unreachable in 1.2 s",
  );
});

Deno.test("summaryLine() counts hosts without a result", () => {
  const summary = { ...emptySummary(3), timed_out: 1 };
  assertEquals(
    summaryLine(summary, { durationMs: 0, style }),
    "3 hosts: 1 timed out, 2 without a result in 0 ms",
  );
});

Deno.test("summaryLine() handles one host and no host", () => {
  const line = (hosts: number, ok: number) =>
    summaryLine({ ...emptySummary(hosts), ok }, { durationMs: 5, style });
  assertEquals(line(1, 1), "1 host: 1 ok in 5 ms");
  assertEquals(line(0, 0), "0 hosts in 5 ms");
});

Deno.test("isFailure() is true for every status after skipped", () => {
  assertEquals(STATUSES.filter(isFailure), [
    "failed",
    "timed_out",
    "unreachable",
    "cancelled",
  ]);
});

Deno.test("durationText() changes units and never shows 60 seconds", () => {
  const texts = [0, 999, 1000, 9949, 9950, 59_499, 59_500, 125_000, 3_720_000]
    .map(durationText);
  assertEquals(texts, [
    "0 ms",
    "999 ms",
    "1.0 s",
    "9.9 s",
    "10 s",
    "59 s",
    "1 min 0 s",
    "2 min 5 s",
    "1 h 2 min",
  ]);
});

Deno.test("sizeText() shows two or three digits and a unit", () => {
  const sizes = [0, 999, 1000, 9949, 34_000_000, 999_600_000, 2.5e12];
  assertEquals(sizes.map(sizeText), [
    "0 B",
    "999 B",
    "1.0 kB",
    "9.9 kB",
    "34 MB",
    "1.0 GB",
    "2.5 TB",
  ]);
});
