import { assertEquals, assertThrows } from "@std/assert";
import type { RunEvent } from "../../src/core/call/run_event.ts";
import { createJobsRenderer } from "../../src/output/jobs_renderer.ts";
import type { Json } from "../../src/protocol/message.ts";

/** What is printed of the results of hosts, and on stderr. */
function shown(
  results: readonly Record<string, unknown>[],
  { isWhole = true } = {},
): { out: string; err: string } {
  const text = { out: "", err: "" };
  const renderer = createJobsRenderer((part) => text.out += part, {
    writeError: (part) => text.err += part,
  });
  for (const result of [...results, ...isWhole ? [{ event: "run_end" }] : []]) {
    renderer.event(
      { event: "result", error: null, ...result } as unknown as RunEvent,
    );
  }
  renderer.close();
  return text;
}

/** What is printed when a host lists these jobs. */
function tableOf(jobs: Json): string {
  return shown([{ host: "h1", result: { jobs } }]).out;
}

Deno.test("a host may list any number of jobs", () => {
  const jobs = Array.from({ length: 150_000 }, (_, i) => ({ job: `j${i}.1` }));
  assertEquals(tableOf(jobs).split("\n").length, 150_002);
});

Deno.test("what a host says of its jobs is shown escaped, and odd values hurt nothing", () => {
  const jobs = [
    { job: "\x1b[2J", state: { a: 1 }, started: 1e300, module: "a\nb\u202e" },
    null,
    "j1.1",
  ];
  const [, line, end] = tableOf(jobs).split("\n");
  assertEquals(line?.split(/ {2,}/), [
    ...["h1", "\\x1b[2J", '{"a":1}', "-", "-", "a\\nb\\u202e"],
  ]);
  assertEquals(end, "");
});

Deno.test("jobs are sorted by hosts, and hosts that cannot be asked are named", () => {
  const { out, err } = shown([
    { host: "h2", result: { jobs: [{ job: "j2", state: "running" }] } },
    { host: "h3", error: { message: "Connection\x1b refused" }, result: null },
    { host: "h4", result: { msg: "No folder" } },
    { host: "h1", result: { jobs: [{ job: "j1", seconds: 60 }] } },
  ]);
  assertEquals(out.split("\n").map((line) => line.split(/ {2,}/)), [
    ["HOST", "JOB", "STATE", "STARTED", "LIMIT", "MODULE"],
    ["h1", "j1", "-", "-", "60 s", "-"],
    ["h2", "j2", "running", "-", "-", "-"],
    [""],
  ]);
  assertEquals(
    err,
    "ftl: h3: Connection\\x1b refused\nftl: h4: No folder\n",
  );
});

Deno.test("that there are no jobs is said of hosts that have answered", () => {
  const none = { host: "h1", result: { jobs: [] } };
  const away = { host: "h2", error: { message: "away" }, result: null };
  assertEquals(shown([none]).out, "These hosts have no jobs\n");
  assertEquals(shown([none, away]).out, "The other hosts have no jobs\n");
  assertEquals(shown([away]).out, "");
  assertEquals(shown([none], { isWhole: false }).out, "");
});

Deno.test("a table that cannot be written is not written again", () => {
  let written = 0;
  const renderer = createJobsRenderer(() => {
    written++;
    throw new Deno.errors.BrokenPipe("Nobody reads");
  });
  const result = { host: "h1", error: null, result: { jobs: [{ job: "j1" }] } };
  renderer.event({ event: "result", ...result } as unknown as RunEvent);
  assertThrows(
    () => renderer.event({ event: "run_end" } as unknown as RunEvent),
    Deno.errors.BrokenPipe,
  );
  renderer.close();
  assertEquals(written, 1);
});
