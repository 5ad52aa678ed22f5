import { assertEquals } from "@std/assert";
import type { HostResult, Status } from "../../../src/core/call/call.ts";
import { watchQuery } from "../../../src/cli/display/query_note.ts";
import { compileQuery } from "../../../src/output/query.ts";
import type { Json } from "../../../src/protocol/message.ts";
import { emptySummary } from "../../../src/core/call/call.ts";

/** What is said after a run with these results. */
async function said(
  expression: string,
  results: readonly [Status, Json][],
): Promise<string> {
  let text = "";
  const { query, note } = watchQuery(
    expression,
    await compileQuery(expression),
    (part) => text += part,
  );
  for (const [i, [status, result]] of results.entries()) {
    const host = `h${i}`;
    query({ host, status, result, phases_ms: {} } as unknown as HostResult);
  }
  const summary = emptySummary(results.length);
  note.event({ event: "run_end", t: 1, summary, duration_ms: 1 });
  return text;
}

Deno.test("a query that is null on all hosts is noted, with the members there are", async () => {
  const stat: [Status, Json] = ["ok", { stat: { size: 1 }, changed: false }];
  assertEquals(
    await said("result.sta.size", [stat, stat, ["failed", { msg: "no" }]]),
    "ftl: warning: --query result.sta.size is null for all 2 results\n" +
      "     The members of result are stat, changed; see all with --format json\n",
  );
  assertEquals(
    await said("result.x", [["ok", null]]),
    "ftl: warning: --query result.x is null for the result\n" +
      "     See whole results with --format json\n",
  );
});

Deno.test("a query with a value on one host, or with failures only, is not noted", async () => {
  const ok: [Status, Json] = ["ok", { a: 1 }];
  assertEquals(await said("result.b", [ok, ["ok", { b: 1 }]]), "");
  assertEquals(await said("result.b", [["failed", { a: 1 }]]), "");
});
