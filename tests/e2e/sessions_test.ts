// Sessions as users have them: `ftl open`, commands that use it, and what happens
// when a client, the session or a host's key is not what it was.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import {
  type Account,
  createAccount,
  eventually,
  mainCommand,
} from "../support/ftl.ts";
import {
  type OpensshFleet,
  sshdNeed,
  startOpensshFleet,
} from "../support/openssh_fleet.ts";

import { newUsers, planting } from "../support/planting.ts";

/** A user with two hosts, and modules. */
interface Desk {
  readonly user: Account;
  readonly fleet: OpensshFleet;
  readonly folder: string;
  /** Options that choose hosts and modules. */
  readonly flags: readonly string[];
}

function test(name: string, fn: (desk: Desk) => Promise<void>): void {
  Deno.test({
    name: name + sshdNeed.suffix,
    ignore: sshdNeed.ignore,
    fn: async () => {
      const fleet = await startOpensshFleet({ hosts: 2 });
      const folder = await Deno.makeTempDir({ prefix: "ftl-desk-" });
      await using user = await createAccount();
      try {
        await Deno.writeTextFile(
          join(folder, "gate.py"),
          "import os, time\ndef main(path=None, s=0):\n" +
            "    if path: open(path, 'a').write('%d\\n' % os.getpid())\n" +
            "    time.sleep(float(s))\n    return {'gate': os.getppid()}\n",
        );
        const flags = [...fleet.flags, "-M", folder];
        await fn({ user, fleet, folder, flags });
      } finally {
        await user.ftl(["close"]);
        await fleet.stop();
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** Runs the module; resolves to the gates' process IDs by host. */
async function gates(
  { user, flags }: Desk,
  ...more: string[]
): Promise<Record<string, unknown>> {
  const { stdout, stderr, code } = await user.ftl([
    ...["run", "gate", "--format", "json"],
    ...flags,
    ...more,
  ]);
  assertEquals(code, 0, stdout + stderr);
  const { results } = JSON.parse(stdout);
  return Object.fromEntries(
    Object.entries<{ result: { gate: unknown } }>(results).map((
      [host, { result }],
    ) => [host, result.gate]),
  );
}

interface Listed {
  pid: number;
  name: string;
  hosts: string[];
  gates: number;
}

async function sessions({ user }: Desk): Promise<Listed[]> {
  return JSON.parse((await user.ftl(["sessions", "--format", "json"])).stdout);
}

/** How many logins the server has seen. */
function logins({ fleet }: Desk): number {
  return fleet.sshd.log().split("Accepted publickey").length - 1;
}

test("open, later commands and close", async (desk) => {
  const { user, fleet, folder, flags } = desk;
  const opened = await user.ftl(["open", ...flags]);
  assertMatch(
    opened.stdout,
    /^h\[01-02\] \(2\): ok\n {2}python: \S+\n2 hosts: 2 ok/,
  );
  assertEquals([opened.code, opened.stderr], [0, ""]);
  assertEquals(
    (await sessions(desk)).map(({ hosts, gates }) => [hosts, gates]),
    [
      [["h01", "h02"], 2],
    ],
  );
  const before = logins(desk);
  const first = await gates(desk);
  assertEquals(await gates(desk), first);
  const file = join(folder, "file");
  await Deno.writeTextFile(file, "content\n");
  const one = [...fleet.flags, "-l", "h01"];
  for (
    const args of [
      ["exec", ...one, "--", "echo", "hello"],
      ["push", ...one, file, `${fleet.hosts[0]!.home}/`],
      ["fetch", ...one, `${fleet.hosts[0]!.home}/file`, join(folder, "back")],
    ]
  ) {
    const { code, stdout, stderr } = await user.ftl(args);
    assertEquals(code, 0, stdout + stderr);
  }
  const typed = await user.ftl(["console", ...flags], "gate\n!echo typed\n");
  assertMatch(typed.stdout, new RegExp(`gate: ${first.h01}\n`));
  assertMatch(typed.stdout, /typed/);
  assertEquals(
    await Deno.readTextFile(join(folder, "back/h01/file")),
    "content\n",
  );
  assertEquals(logins(desk), before);
  assertEquals((await user.ftl(["close"])).stdout, "Closed default\n");
  assertEquals(await sessions(desk), []);
  await eventually(
    "nothing runs on the hosts",
    async () => (await fleet.processes()).length === 0,
  );
  const left = join(user.home, ".ftl/sessions", Deno.hostname());
  assertEquals(await Array.fromAsync(Deno.readDir(left)), []);
});

test("--keep leaves a session, which survives HUP and shares its gates", async (desk) => {
  const { user, flags } = desk;
  const first = await gates(desk, "--keep", "5m");
  const [{ pid, hosts } = { pid: 0, hosts: [] }] = await sessions(desk);
  assertEquals(hosts.length, 2);
  Deno.kill(pid, "SIGHUP");
  Deno.kill(pid, "SIGINT");
  assertEquals(await gates(desk), first);
  const { stderr } = await user.ftl([
    "exec",
    ...flags.slice(0, 4),
    "-v",
    "--",
    "true",
  ]);
  assertEquals(stderr.includes("Not using"), false, stderr);
});

test("what differs connects by itself", async (desk) => {
  const { user, fleet, folder, flags } = desk;
  await user.ftl(["open", ...flags]);
  const first = await gates(desk);
  const config = join(folder, "config");
  await Deno.writeTextFile(config, "Host *\n  ServerAliveInterval 5\n");
  const inventory = await Deno.readTextFile(fleet.inventory);
  await Deno.writeTextFile(
    join(folder, "hosts.yml"),
    inventory.replace("127.0.1.1", "127.0.1.2"),
  );
  for (
    const change of [
      ["--ssh-config", config],
      ["--on-link-loss", "finish"],
      ["-e", "ansible_python_interpreter='/usr/bin/env python3'"],
    ]
  ) {
    const others = await gates(desk, ...change);
    assert(others.h01 !== first.h01, change.join(" "));
  }
  const moved = await gates({
    ...desk,
    flags: ["-i", join(folder, "hosts.yml"), ...flags.slice(2)],
  });
  assert(moved.h01 !== first.h01);
  assertEquals(moved.h02, first.h02);
  // What is sent with each call may change.
  await Deno.writeTextFile(
    join(folder, "gate.py"),
    "import os\ndef main():\n    return {'gate': -os.getppid()}\n",
  );
  assertEquals((await gates(desk)).h01, -Number(first.h01));
});

test("a client killed by -9 ends its calls, and nobody else's", async (desk) => {
  const { user, folder, flags } = desk;
  await user.ftl(["open", ...flags]);
  const first = await gates(desk);
  const path = join(folder, "pids");
  const args = ["run", "gate", ...flags, "-l", "h01", "--format", "json"];
  const killed = user.start([...args, `path=${path}`, "s=300"]);
  const other = user.ftl([...args, "s=3"]);
  const pidOf = async () =>
    Number((await Deno.readTextFile(path).catch(() => "")).trim());
  await eventually("the call runs", async () => await pidOf() > 0);
  killed.kill("SIGKILL");
  await killed.output();
  const pid = await pidOf();
  await eventually("its process ends", () => hasEnded(pid));
  const { code, stdout } = await other;
  assertEquals([code, JSON.parse(stdout).summary.ok], [0, 1]);
  assertEquals(await gates(desk), first);
});

test("a session killed by -9 during a call is told honestly", async (desk) => {
  const { user, folder, flags } = desk;
  await user.ftl(["open", ...flags]);
  const [{ pid } = { pid: 0 }] = await sessions(desk);
  const path = join(folder, "pids");
  const running = user.ftl([
    ...["run", "gate", ...flags, "-l", "h01", "-v", "--format", "json"],
    ...[`path=${path}`, "s=300"],
  ]);
  const read = () => Deno.readTextFile(path).catch(() => "");
  await eventually("the call runs", async () => await read() !== "");
  Deno.kill(pid, "SIGKILL");
  const { code, stdout, stderr } = await running;
  assertEquals(code, 3);
  assertMatch(
    JSON.parse(stdout).results.h01.error.message,
    /^Lost the session default during the call: .*; the call may have taken effect$/,
  );
  assertMatch(stderr, /Not using the session default: it has ended/);
  assertEquals((await read()).split("\n").length, 2); // it was not repeated
  await gates(desk);
  assertEquals(await sessions(desk), []);
});

test("a session holds no file of the command that started it", async (desk) => {
  const { user, flags, folder } = desk;
  const { command, env } = mainCommand(user.home);
  // The pipe of fd 9 ends with its last holder.
  const { stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", '"$@" 9>&1 >"$0" | cat', join(folder, "out")]
      .concat(command, ["open", ...flags]),
    clearEnv: true,
    env: { ...env },
    stdin: "null",
  }).output();
  assertEquals(new TextDecoder().decode(stdout), "");
  assertEquals((await sessions(desk)).length, 1);
});

test("a session that hangs during a call is given up", async (desk) => {
  const { user, folder, flags } = desk;
  await user.ftl(["open", ...flags]);
  const [{ pid } = { pid: 0 }] = await sessions(desk);
  const path = join(folder, "pids");
  const running = user.ftl([
    ...["run", "gate", ...flags, "-l", "h01", "--format", "json"],
    ...[`path=${path}`, "s=300"],
  ]);
  await eventually(
    "the call runs",
    async () => await Deno.readTextFile(path).catch(() => "") !== "",
  );
  Deno.kill(pid, "SIGSTOP");
  const { code, stdout } = await running;
  assertEquals(code, 3);
  assertMatch(
    JSON.parse(stdout).results.h01.error.message,
    /during the call: it did not answer for 15 s; the call may have taken effect$/,
  );
  Deno.kill(pid, "SIGKILL");
});

test("commands that open at the same time share one session", async (desk) => {
  const { user, flags } = desk;
  const opened = await Promise.all(
    [1, 2, 3].map(() => user.ftl(["open", ...flags])),
  );
  for (const { code, stderr } of opened) assertEquals([code, stderr], [0, ""]);
  assertEquals((await sessions(desk)).map(({ gates }) => gates), [2]);
});

test("a session that is stopped is passed over, and can be closed", async (desk) => {
  const { user, flags } = desk;
  await user.ftl(["open", ...flags]);
  const [{ pid } = { pid: 0 }] = await sessions(desk);
  Deno.kill(pid, "SIGSTOP");
  const { code, stderr } = await user.ftl(["run", "gate", ...flags, "-v"]);
  assertEquals(code, 0);
  assertMatch(
    stderr,
    /Not using the session default: it does not answer\. Connecting directly/,
  );
  const listed = await user.ftl(["sessions"]);
  assertMatch(listed.stderr, /default cannot be used: it does not answer/);
  assertEquals((await user.ftl(["close"])).stdout, "Closed default\n");
  await eventually("its process ends", () => hasEnded(pid));
});

test("a session is the user's alone", async (desk) => {
  const { user, flags } = desk;
  await user.ftl(["open", ...flags, "--name", "mine"]);
  const folder = join(user.home, ".ftl/sessions", Deno.hostname());
  for (const path of [join(user.home, ".ftl"), folder]) {
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o700);
  }
  for await (const { name } of Deno.readDir(folder)) {
    assertEquals((await Deno.stat(join(folder, name))).mode! & 0o077, 0, name);
  }
  // A folder that others can write to is not trusted.
  await Deno.chmod(folder, 0o777);
  const { code, stderr } = await user.ftl(["sessions"]);
  assertEquals(code, 2);
  assertMatch(stderr, /others can write to it/);
  await Deno.chmod(folder, 0o700);
  const completed = await user.ftl([
    "complete",
    "sessions",
    "m",
    "close",
    "--",
  ]);
  assertEquals(completed.stdout, "mine\n");
  const checked = await user.ftl(["doctor"]);
  assertMatch(checked.stdout, /sessions +1 session with 2 open hosts/);
  const unknown = await user.ftl(["close", "other"]);
  assertEquals(unknown.code, 2);
  assertMatch(unknown.stderr, /Cannot close the session other: there is none/);
});

Deno.test({
  name:
    `another user cannot reach a session${planting.suffix}${sshdNeed.suffix}`,
  ignore: planting.ignore || sshdNeed.ignore,
  fn: async () => {
    const fleet = await startOpensshFleet({ hosts: 1 });
    await using user = await createAccount();
    try {
      await user.ftl(["open", ...fleet.flags]);
      const [uid] = await newUsers();
      const { command: [path = "", ...args], env } = mainCommand(user.home);
      const as = (...words: string[]) =>
        new Deno.Command("setpriv", {
          args: [
            `--reuid=${uid}`,
            `--regid=${uid}`,
            "--clear-groups",
            ...words,
          ],
          clearEnv: true,
          env: { ...env, HOME: "/", FTL_HOME: join(user.home, ".ftl") },
        }).output();
      const folder = join(user.home, ".ftl/sessions", Deno.hostname());
      assertEquals((await as("ls", folder)).success, false);
      const { stdout } = await as(path, ...args, "sessions");
      assertEquals(new TextDecoder().decode(stdout), "No session is open\n");
      assertEquals((await as(path, ...args, "close", "default")).code, 2);
      assertMatch((await user.ftl(["sessions"])).stdout, /^default +1 +1 /m);
    } finally {
      await user.ftl(["close"]);
      await fleet.stop();
    }
  },
});

async function hasEnded(pid: number): Promise<boolean> {
  try {
    return /\) [ZX] /.test(await Deno.readTextFile(`/proc/${pid}/stat`));
  } catch {
    return true;
  }
}
