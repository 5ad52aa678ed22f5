import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { type JobRecord, openJobs } from "../../src/store/jobs.ts";

function record(number: number): JobRecord {
  return {
    job: `j${number}`,
    started: new Date(number * 1000).toISOString(),
    call: "command uptime",
    seconds: 60,
    hosts: { web1: null },
    options: { inventory: ["/etc/hosts.yml"] },
  };
}

Deno.test("records of jobs are found by name, listed newest first, and replaced", async () => {
  const home = await Deno.makeTempDir({ prefix: "ftl-store-" });
  try {
    const jobs = await openJobs(home);
    assertEquals(await jobs.list(), []);
    for (const number of [1, 3, 2]) await jobs.put(record(number));
    assertEquals((await jobs.list()).map(({ job }) => job), ["j3", "j2", "j1"]);
    const named = { ...record(2), hosts: { web1: "j2.417" } };
    await jobs.put(named);
    assertEquals((await jobs.list()).length, 3);
    assertEquals(await jobs.find("j2.417"), named);
    assertEquals(await jobs.find("j9"), undefined);
    const { mode } = await Deno.stat(join(home, "jobs"));
    assertEquals(mode! & 0o777, 0o700);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("damaged records are skipped, and old ones removed", async () => {
  const home = await Deno.makeTempDir({ prefix: "ftl-store-" });
  try {
    const jobs = await openJobs(home);
    for (let number = 1; number <= 203; number++) {
      await jobs.put(record(number));
    }
    const all = await jobs.list();
    assertEquals([all.length, all.at(-1)!.job], [200, "j4"]);
    const [name] = await Array.fromAsync(
      Deno.readDir(jobs.path),
      (e) => e.name,
    );
    await Deno.writeTextFile(join(jobs.path, name!), "{");
    assertEquals((await jobs.list()).length, 199);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
