// Workers as users have them: `--workers`, what ^C and a killed command leave, and
// that nothing secret can be seen from outside.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { type Account, createAccount, eventually } from "../support/ftl.ts";
import {
  type OpensshFleet,
  sshdNeed,
  startOpensshFleet,
} from "../support/openssh_fleet.ts";

/** A user with some hosts, and a module. */
interface Desk {
  readonly user: Account;
  readonly fleet: OpensshFleet;
  readonly folder: string;
  /** Options that choose hosts and workers. */
  readonly flags: readonly string[];
}

const HOSTS = 6;

function test(name: string, fn: (desk: Desk) => Promise<void>): void {
  Deno.test({
    name: name + sshdNeed.suffix,
    ignore: sshdNeed.ignore || Deno.build.os !== "linux",
    fn: async () => {
      const fleet = await startOpensshFleet({ hosts: HOSTS });
      const folder = await Deno.makeTempDir({ prefix: "ftl-desk-" });
      await using user = await createAccount({
        env: { FTL_BECOME_PASSWORD_FILE: join(folder, "secret") },
      });
      try {
        await Deno.writeTextFile(join(folder, "secret"), "t0p-secret\n", {
          mode: 0o600,
        });
        await Deno.writeTextFile(
          join(folder, "mark.py"),
          "import os, time\ndef main(path=None, s=0, token=None):\n" +
            "    if path: open(path, 'a').write('%d\\n' % os.getpid())\n" +
            "    time.sleep(float(s))\n    return {}\n",
        );
        const flags = [...fleet.flags, "--workers", "2"];
        await fn({ user, fleet, folder, flags });
      } finally {
        await fleet.stop();
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** The process IDs of the workers that a process has started. */
async function workersOf(pid: number): Promise<number[]> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "pid=,args=", "--ppid", String(pid)],
  }).output();
  return new TextDecoder().decode(stdout).split("\n")
    .filter((line) => line.includes("worker-process"))
    .map((line) => Number.parseInt(line));
}

async function hasEnded(pid: number): Promise<boolean> {
  try {
    return /\) Z /.test(await Deno.readTextFile(`/proc/${pid}/stat`));
  } catch {
    return true;
  }
}

/** Starts a call that does not end; resolves when it runs on all hosts. */
async function startCalls({ user, flags, folder }: Desk): Promise<{
  child: Deno.ChildProcess;
  workers: readonly number[];
  modules: readonly number[];
}> {
  const path = join(folder, "pids");
  const child = user.start([
    ...["run", "mark", "-M", folder, ...flags, `path=${path}`, "s=300"],
    ...["token=t0p-secret", "-e", "ansible_become_password=t0p-secret"],
    ...["--format", "json"],
  ]);
  const read = async () =>
    (await Deno.readTextFile(path).catch(() => "")).split("\n")
      .filter((line) => line !== "").map(Number);
  await eventually(
    "all calls run",
    async () => (await read()).length === HOSTS,
  );
  return { child, workers: await workersOf(child.pid), modules: await read() };
}

async function untilAllEnded(pids: readonly number[]): Promise<void> {
  await eventually("the processes end", async () => {
    const ended = await Promise.all(pids.map(hasEnded));
    return ended.every((each) => each);
  });
}

test("all kinds of calls work by workers", async (desk) => {
  const { user, flags, folder } = desk;
  const tried = [
    ["run", "mark", "-M", folder],
    ["exec", "--", "true"],
    ["push", join(folder, "mark.py"), join(folder, "pushed/")],
    ["fetch", join(folder, "mark.py"), join(folder, "fetched")],
  ];
  for (const [command, ...words] of tried) {
    const { code, stdout, stderr } = await user.ftl([
      ...[command!, "--format", "json", ...flags],
      ...words,
    ]);
    assertEquals([code, stderr], [0, ""], stdout);
    const { ok, changed } = JSON.parse(stdout).summary;
    assertEquals(ok + changed, HOSTS);
  }
  const lines = "mark\n!true\n";
  const console = await user.ftl(["console", "-M", folder, ...flags], lines);
  assertEquals([console.code, console.stderr], [0, ""]);
});

test("nothing secret is in the arguments or the environment of a worker", async (desk) => {
  const { child, workers } = await startCalls(desk);
  assertEquals(workers.length, 2);
  for (const pid of workers) {
    for (const file of ["cmdline", "environ"]) {
      const text = await Deno.readTextFile(`/proc/${pid}/${file}`);
      assert(text.length > 0);
      assert(!text.includes("t0p-secret"));
      assert(!text.includes("FTL_BECOME"));
    }
  }
  child.kill("SIGTERM");
  await child.output();
});

test("TERM cancels the calls, and leaves no process", async (desk) => {
  const { child, workers, modules } = await startCalls(desk);
  child.kill("SIGTERM");
  const { code, stdout } = await child.output();
  assertEquals(code, 130);
  const { summary } = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals(summary.cancelled, HOSTS);
  for (const pid of workers) assert(await hasEnded(pid));
  await untilAllEnded(modules);
});

test("a command killed by -9 leaves neither workers nor calls", async (desk) => {
  const { child, workers, modules } = await startCalls(desk);
  child.kill("SIGKILL");
  await child.output();
  await untilAllEnded([...workers, ...modules]);
});

test("a worker killed by -9 during calls is told honestly", async (desk) => {
  const { child, workers, modules } = await startCalls(desk);
  for (const pid of workers) Deno.kill(pid, "SIGKILL");
  const { code, stdout, stderr } = await child.output();
  assertEquals(code, 3);
  const text = new TextDecoder();
  assertMatch(
    text.decode(stderr),
    /^ftl: Lost a worker process: it has ended; SIGKILL ended it/,
  );
  for (
    const { error } of Object.values<{ error: { message: string } }>(
      JSON.parse(text.decode(stdout)).results,
    )
  ) {
    assertMatch(
      error.message,
      /^Lost a worker process during the call: it has ended; the call may have taken effect$/,
    );
  }
  await untilAllEnded(modules);
});

test("a slow reader holds up the calls of workers, and gets everything", async ({ user, flags, folder, fleet }) => {
  const [rounds, round] = [400, 100_000];
  await Deno.writeTextFile(
    join(folder, "flood.py"),
    "import sys\ndef main(path):\n" +
      `    for i in range(${rounds}):\n` +
      `        sys.stdout.write(('x' * 99 + '\\n') * ${round / 100})\n` +
      "        sys.stdout.flush()\n" +
      "        open(path, 'w').write('%d\\n' % (i + 1))\n    return {}\n",
  );
  const path = join(folder, "rounds");
  const child = user.start([
    ...["run", "flood", "-M", folder, ...flags, "-l", fleet.hosts[0]!.name],
    ...["--stream", "--format", "ndjson", `path=${path}`],
  ]);
  const count = async () =>
    Number.parseInt(await Deno.readTextFile(path).catch(() => "")) || 0;
  let [printed, looks] = [0, 0];
  await eventually("the module is held up", async () => {
    const now = await count();
    looks = now === printed && now > 0 ? looks + 1 : 0;
    printed = now;
    return looks === 20; // times 50 ms
  });
  assert(printed < rounds / 2, `${printed} of ${rounds} rounds`);
  let [rest, length] = ["", 0];
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const event = JSON.parse(line);
      if (event.event === "output") length += event.text.length;
    }
  }
  const { code } = await child.status;
  await child.stderr.cancel();
  assertEquals([code, length], [0, rounds * round]);
});
