import { assertEquals } from "@std/assert";
import { listJobs } from "../../../../src/cli/commands/jobs/job_table.ts";
import type { Context } from "../../../../src/cli/commands/context.ts";
import type { RunEvent } from "../../../../src/core/call/run_event.ts";
import type { Json } from "../../../../src/protocol/message.ts";

/** What is printed when a host lists these jobs. */
async function tableOf(jobs: Json): Promise<string> {
  let printed = "";
  const out = (text: string) => printed += text;
  const context = { out } as unknown as Context;
  const result = { event: "result", host: "h1", error: null, result: { jobs } };
  const events = ReadableStream.from([result, { event: "run_end" }]);
  await listJobs(
    events as unknown as AsyncIterable<RunEvent>,
    context,
  );
  return printed;
}

Deno.test("a host may list any number of jobs", async () => {
  const jobs = Array.from({ length: 150_000 }, (_, i) => ({ job: `j${i}.1` }));
  assertEquals((await tableOf(jobs)).split("\n").length, 150_002);
});

Deno.test("what a host says of its jobs is shown escaped, and odd values hurt nothing", async () => {
  const jobs = [
    { job: "\x1b[2J", state: { a: 1 }, started: 1e300, module: "a\nb\u202e" },
    null,
    "j1.1",
  ];
  const [, line, end] = (await tableOf(jobs)).split("\n");
  assertEquals(line?.split(/ {2,}/), [
    ...["h1", "\\x1b[2J", "[object Object]", "-", "-", "a\\nb\\u202e"],
  ]);
  assertEquals(end, "");
});
