import { assert, assertEquals } from "@std/assert";
import { waitForJob } from "../../../src/core/jobs/wait_for_job.ts";
import type { HostContext } from "../../../src/core/work/host_context.ts";
import { untimed } from "../../../src/core/result/host_result.ts";

Deno.test("a host that says at once that a job runs is not asked in a loop", async () => {
  let asked = 0;
  const running = { ...untimed("web1"), result: { finished: 0 } };
  const host = {
    module: () => {
      asked++;
      return Promise.resolve(running);
    },
  };
  const context = {
    host: { name: "web1", vars: {}, groups: [] },
    callContext: untimed("web1"),
    signal: new AbortController().signal,
    use: (work: (open: typeof host) => unknown) => work(host),
  };
  const result = await waitForJob(context as unknown as HostContext, {
    job: "j1.2",
    isKnown: true,
    pollMs: 15_000,
    limitMs: 300,
  });
  assertEquals(result.result, { finished: 0 });
  assert(asked <= 3, `${asked} questions`);
});
