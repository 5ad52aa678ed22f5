// A job whose start is not confirmed: its host is asked.
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { ModuleCall } from "../../../src/core/call/call.ts";
import type { HostFleet } from "../../../src/core/fleet/host_fleet.ts";
import { newJobId } from "../../../src/core/jobs/job_id.ts";
import { collect, run } from "../../../src/core/run/run.ts";
import { ConnectError } from "../../../src/errors.ts";
import { readPid, Site } from "../local_fleet.ts";

const LOST = "Lost the gate; the call may have taken effect";

/** The fleet, which loses the host when `isLost` says so of a use, by its number. */
function losing(
  fleet: HostFleet,
  isLost: (use: number) => "before" | "after" | undefined,
): HostFleet {
  let uses = 0;
  const use: HostFleet["use"] = async (host, options, work) => {
    const when = isLost(++uses);
    const lost = new ConnectError("Lost the gate", { phase: "call" });
    if (when === "before") throw lost;
    const result = await fleet.use(host, options, work);
    if (when === "after") throw lost;
    return result;
  };
  return new Proxy(fleet, {
    get(target, name) {
      if (name === "use") return use;
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Starts `echo` as a job on one host; the result, and the jobs left there. */
async function start(
  isLost: Parameters<typeof losing>[1],
  { pollMs = 1000, module = "echo", args = {} as Record<string, string> } = {},
) {
  await using site = await Site.make();
  const [host] = await site.hosts(1);
  const folder = join(site.folder, "jobs");
  const vars = { ...host!.vars, ansible_async_dir: folder };
  const fleet = await site.open([{ ...host!, vars }]);
  const background = { id: newJobId(), limitMs: 60_000, pollMs };
  const call: ModuleCall = { module, args, background };
  const { results } = await collect(run(losing(fleet, isLost), call));
  const { status, error, result } = results.get("h1")!;
  const jobs = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  const left = jobs.filter(({ name }) => name.startsWith(background.id)).length;
  return { status, error: error?.message, result, left };
}

Deno.test("a job whose start was not confirmed is found on its host, and awaited", async () => {
  const args = { word: "hello" };
  const { status, error, result, left } = await start(
    (use) => use === 1 ? "after" : undefined,
    { args },
  );
  assertEquals([status, error, left], ["ok", undefined, 0]);
  assertEquals((result as { args: unknown }).args, args);
});

Deno.test("a job that nobody waits for is found too, and changes its host", async () => {
  await using site = await Site.make();
  const path = join(site.folder, "pid");
  const running = new Promise(() => {});
  const { status, error, result, left } = await start(
    (use) => use === 1 ? "after" : undefined,
    { pollMs: 0, module: "sleep", args: { path } },
  );
  assertEquals([status, error, left], ["changed", undefined, 1]);
  const { finished, ansible_job_id: name } = result as Record<string, unknown>;
  assertEquals(finished, 0);
  const supervisor = Number(String(name).split(".")[1]);
  for (const pid of [supervisor, await readPid(path, running)]) {
    Deno.kill(pid, "SIGKILL");
  }
});

Deno.test("a job that its host does not have may have started, for all that ftl knows", async () => {
  const { status, error, left } = await start(
    (use) => use === 1 ? "before" : undefined,
  );
  assertEquals([status, left], ["unreachable", 0]);
  assertEquals(error, LOST);
});

Deno.test("a job whose host cannot be asked is reported as lost", async () => {
  const { status, error } = await start(
    (use) => use === 1 ? "after" : "before",
  );
  assertEquals([status, error], ["unreachable", LOST]);
});
