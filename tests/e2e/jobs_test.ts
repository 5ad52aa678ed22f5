// Jobs as users meet them: they outlive ftl, its gate and its machine, Ansible reads
// them, and ftl reads Ansible's.
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { becomeNeed, makeBecomeSite } from "../core/become/site.ts";
import { needAnsible, runAnsible } from "../support/ansible.ts";
import {
  type Account,
  createAccount,
  eventually,
  readEvents,
  untilEvent,
} from "../support/ftl.ts";
import {
  type FleetHost,
  type OpensshFleet,
  sshdNeed,
  startOpensshFleet,
} from "../support/openssh_fleet.ts";

const ansible = needAnsible();

const WAITS = `import os, time
def main(flag, **more):
    while not os.path.exists(os.path.expanduser(flag)):
        time.sleep(0.05)
    return {"waited": os.path.expanduser("~"), "more": more, "changed": True}
`;

interface World {
  readonly account: Account;
  readonly fleet: OpensshFleet;
  readonly modules: string;
}

function jobTest(
  name: string,
  body: (world: World) => Promise<void>,
  { hosts = 2, need = sshdNeed } = {},
): void {
  const { suffix, ignore } = sshdNeed.ignore ? sshdNeed : need;
  Deno.test({
    name: name + suffix,
    ignore,
    fn: async () => {
      await using account = await createAccount();
      const fleet = await startOpensshFleet({ hosts });
      const modules = join(account.home, "modules");
      await Deno.mkdir(modules);
      await Deno.writeTextFile(join(modules, "waits.py"), WAITS);
      try {
        await body({ account, fleet, modules });
      } finally {
        for (const { home } of fleet.hosts) await letGo(home).catch(() => {});
        await fleet.stop();
      }
    },
  });
}

/** Lets the module that waits end. */
async function letGo(home: string): Promise<void> {
  await Deno.writeTextFile(join(home, "flag"), "");
}

/** The processes of jobs, as listings show them. */
async function jobProcesses(fleet: OpensshFleet): Promise<string[]> {
  return (await fleet.processes()).map(({ command }) => command)
    .filter((command) => command.startsWith("ftl job "));
}

function folderOf({ home }: FleetHost): string {
  return join(home, ".ansible_async");
}

/** The names of the jobs on a host. */
async function jobsOn(host: FleetHost): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folderOf(host))))
    .map(({ name }) => name).filter((name) => name.startsWith("j"));
}

jobTest(
  "kill -9 of ftl and of its gates ends no job, and another machine waits for it",
  async ({ account, fleet, modules }) => {
    await using ftl = account.start([
      ...["run", "waits", "-M", modules, "-B", "1h", "-P", "1", ...fleet.flags],
      ...["flag=~/flag", "word=hunter2"],
    ]);
    await eventually(
      "two jobs run",
      async () => (await jobProcesses(fleet)).length === 4,
    );
    ftl.kill("SIGKILL");
    for (const { pid, command } of await fleet.processes()) {
      if (!command.startsWith("ftl job ")) Deno.kill(pid, "SIGKILL");
    }
    const left = await jobProcesses(fleet);
    assertEquals(left.length, 4);
    for (const command of left) {
      assertMatch(command, /^ftl job j\d{12}\.\d+: waits$/);
    }

    const own = await account.ftl(["jobs", "--format", "json"]);
    const [record] = JSON.parse(own.stdout);
    assertEquals(Object.keys(record.hosts), ["h01", "h02"]);

    await using other = await createAccount();
    const list = await other.ftl(["jobs", "list", ...fleet.flags]);
    assertEquals(list.code, 0, list.stderr);
    const lines = list.stdout.trim().split("\n").slice(1);
    assertEquals(lines.length, 2);
    for (const line of lines) assertStringIncludes(line, "  running  ");
    const console = await other.ftl(["console", ...fleet.flags], ":jobs\n");
    assertEquals(console.stdout, list.stdout);
    const again = await other.ftl(
      ["console", ...fleet.flags],
      ":jobs\n:last\n",
    );
    assertEquals(again.stdout, list.stdout + list.stdout);
    await using waiting = other.start([
      ...["jobs", "wait", record.job, "--format", "json", ...fleet.flags],
    ]);
    for (const { home } of fleet.hosts) await letGo(home);
    const { stdout } = await waiting.output();
    const { results, summary } = JSON.parse(new TextDecoder().decode(stdout));
    assertEquals(summary.changed, 2);
    for (const { name, home } of fleet.hosts) {
      const { waited, finished, more } = results[name].result;
      assertEquals([waited, finished], [home, 1]);
      assertEquals(more, { word: "hunter2" });
    }
    const removed = await account.ftl(["jobs", "status", "--remove"]);
    assertEquals(removed.code, 0, removed.stderr);
    for (const host of fleet.hosts) assertEquals(await jobsOn(host), []);
  },
);

jobTest(
  "a job whose result is polled for survives lost connections, and is removed",
  async ({ account, fleet, modules }) => {
    const [host] = fleet.hosts;
    await using ftl = account.start([
      ...["run", "waits", "-M", modules, "-B", "60", "-P", "1", "flag=~/flag"],
      ...["--format", "json", ...fleet.flags],
    ]);
    await eventually(
      "the job runs",
      async () => (await jobProcesses(fleet)).length === 2,
    );
    for (const { pid, command } of await fleet.processes()) {
      if (!command.startsWith("ftl job ")) Deno.kill(pid, "SIGKILL");
    }
    await letGo(host!.home);
    const { stdout, stderr } = await ftl.output();
    const text = new TextDecoder();
    const { results } = JSON.parse(text.decode(stdout));
    assertEquals(results.h01.status, "changed", text.decode(stderr));
    assertEquals(await jobsOn(host!), []);
  },
  { hosts: 1 },
);

jobTest(
  "^C leaves the job running, and names it",
  async ({ account, fleet, modules }) => {
    await using ftl = account.start([
      ...["run", "waits", "-M", modules, "-B", "60", "-P", "1", "flag=~/flag"],
      ...["--format", "ndjson", ...fleet.flags],
    ]);
    await eventually(
      "the job runs",
      async () => (await jobProcesses(fleet)).length === 2,
    );
    const [job] = await jobsOn(fleet.hosts[0]!);
    ftl.kill("SIGINT");
    const events = await untilEvent(
      readEvents(ftl.stdout),
      ({ event }) => event === "run_end",
    );
    const result = events.find(({ event }) => event === "result");
    assertEquals(result.status, "cancelled");
    assertStringIncludes(result.error.message, `The job ${job} goes on`);
    const stderr = await new Response(ftl.stderr).text();
    assertStringIncludes(
      stderr,
      `ftl jobs status|wait|cancel ${job!.split(".")[0]}`,
    );
    assertEquals((await ftl.status).code, 130);
    assertEquals((await jobProcesses(fleet)).length, 2);

    await using waiting = account.start(["jobs", "wait", "--format", "ndjson"]);
    const reader = readEvents(waiting.stdout);
    await untilEvent(reader, ({ event }) => event === "host_phase");
    waiting.kill("SIGINT");
    const rest = await untilEvent(reader, ({ event }) => event === "run_end");
    const left = rest.find(({ event }) => event === "result");
    assertMatch(left.error.message, /^The job j[\d.]+ goes on: nothing waits/);
    assertEquals((await waiting.status).code, 130);
    assertEquals((await jobProcesses(fleet)).length, 2);

    const cancel = await account.ftl(["jobs", "cancel", job!]);
    assertEquals(cancel.code, 0, cancel.stderr);
    assertEquals(await jobProcesses(fleet), []);
    const status = await account.ftl(["jobs", "status"]);
    assertEquals(status.code, 1);
    assertStringIncludes(status.stdout, "The job was cancelled");
  },
  { hosts: 1 },
);

jobTest(
  "Ansible reads the jobs of ftl, and ftl reads and cancels those of Ansible",
  async ({ account, fleet }) => {
    const [host] = fleet.hosts;
    const env = { HOME: account.home, ANSIBLE_HOST_KEY_CHECKING: "False" };
    // Ansible expands ~ by the account, which is shared by all hosts here.
    const place = `ansible_async_dir=${folderOf(host!)}`;
    const theirs = async (...words: string[]) =>
      (await runAnsible(
        ["all", "-i", fleet.inventory, "-e", place, ...words],
        env,
      ))
        .h01!;
    const ours = async (...words: string[]) => {
      const flags = ["-M", ansible.modules, "-e", place, "--format", "json"];
      const ran = await account.ftl([
        "run",
        ...words,
        ...fleet.flags,
        ...flags,
      ]);
      const found = JSON.parse(ran.stdout || "{}").results?.h01;
      assert(found, ran.stderr);
      return found.result;
    };
    const command = ["command", "echo hello"];
    const started = await ours(...command, "-B", "60", "-P", "0");
    const { ansible_job_id: id } = started;
    await ours("async_status", `jid=${id}`, "mode=wait");
    const seen = await theirs("-m", "async_status", "-a", `jid=${id}`);
    const same = ["stdout", "rc", "changed", "finished", "started", "cmd"];
    const expected = await ours("async_status", `jid=${id}`);
    for (const name of same) assertEquals(seen[name], expected[name], name);
    assertEquals(seen.stdout, "hello");
    const cleaned = await theirs(
      ...["-m", "async_status", "-a", `jid=${id} mode=cleanup`],
    );
    assertEquals(cleaned.erased, join(folderOf(host!), id));
    assertEquals((await ours("async_status", "mode=list")).jobs, []);

    const sleeping = [
      "-m",
      "command",
      "-a",
      "sleep 300",
      "-B",
      "600",
      "-P",
      "0",
    ];
    const { ansible_job_id: foreign } = await theirs(...sleeping);
    const running = await ours("async_status", `jid=${foreign}`);
    assertEquals([running.finished, running.started], [0, 1]);
    const ended = await ours("async_status", `jid=${foreign}`, "mode=cancel");
    assertEquals(ended.msg, "The job was cancelled");
    const told = await theirs("-m", "async_status", "-a", `jid=${foreign}`);
    assertEquals([told.msg, told.finished], ["The job was cancelled", 1]);
    const quick = ["-m", "command", "-a", "echo quick", "-B", "60", "-P", "0"];
    const { ansible_job_id: other } = await theirs(...quick);
    const waited = await ours("async_status", `jid=${other}`, "mode=wait");
    assertEquals([waited.stdout, waited.finished], ["quick", 1]);
  },
  { hosts: 1, need: ansible },
);

jobTest(
  "secrets are masked before the result is written on the host",
  async ({ account, fleet, modules }) => {
    const [host] = fleet.hosts;
    await letGo(host!.home);
    const file = join(account.home, "secret");
    await Deno.writeTextFile(file, "tr0mbone", { mode: 0o600 });
    const { stdout } = await account.ftl([
      ...["run", "waits", "-M", modules, "-B", "60", "-P", "0", "flag=~/flag"],
      ...[`token:secret=@${file}`, "password=hunter2", "note=tr0mbone+hunter2"],
      ...["--format", "json", ...fleet.flags],
    ]);
    const { ansible_job_id: id } = JSON.parse(stdout).results.h01.result;
    assertEquals((await account.ftl(["jobs", "wait"])).code, 0);
    const text = await Deno.readTextFile(join(folderOf(host!), id));
    assertEquals(JSON.parse(text).more.note, "********+********");
    for (const secret of ["tr0mbone", "hunter2"]) {
      assert(!text.includes(secret), text);
    }
  },
  { hosts: 1 },
);

jobTest(
  "what cannot run in the background is refused before any contact",
  async ({ account, fleet, modules }) => {
    const flags = ["-M", modules, ...fleet.flags];
    const cases = [
      [
        "copy content=x dest=/tmp/x -B 9",
        "Cannot run module copy in the background",
      ],
      ["waits flag=x -B 9 -C", "check mode changes nothing"],
      ["waits flag=x -P 9", "Cannot use --poll"],
      ["waits flag=x -B 9 --stream", "Cannot stream the output of a job"],
      ["async_status jid=../x", "it is not j and digits"],
      ["async_status jid=j1.1 mode=erase", "Cannot use the mode erase"],
    ];
    for (const [line, message] of cases) {
      const words = line!.split(" ");
      const { code, stderr } = await account.ftl(["run", ...words, ...flags]);
      assertEquals(code, 2, line);
      assertStringIncludes(stderr, message!);
    }
    assertEquals(fleet.sshd.log().includes("Accepted"), false);
    const none = await account.ftl(["jobs", "wait"]);
    assertStringIncludes(none.stderr, "none was started here");
    assertEquals(none.code, 2);
    const unknown = await account.ftl(["jobs", "wait", "j7", ...fleet.flags]);
    assertStringIncludes(unknown.stderr, "None of these hosts has the job j7");
    assertEquals(unknown.code, 1);
    const odd = await account.ftl(["jobs", "wait", "jx", ...fleet.flags]);
    assertStringIncludes(odd.stderr, "it is not j and digits");
    assertStringIncludes(odd.stderr, "`ftl jobs list -i INVENTORY`");
    assertEquals(odd.code, 2);
  },
  { hosts: 1 },
);

jobTest(
  "on hosts that share a home, each is asked about its own job",
  async ({ account, fleet, modules }) => {
    const shared = join(account.home, "shared");
    const inventory = join(account.home, "shared.ini");
    await Deno.writeTextFile(
      inventory,
      fleet.hosts.map(({ name }) => `${name} ansible_async_dir=${shared}\n`)
        .join(""),
    );
    const flags = [...fleet.flags, "-i", inventory];
    const started = await account.ftl([
      ...["run", "waits", "-M", modules, "-B", "1h", "-P", "0", ...flags],
      ...["flag=~/flag"],
    ]);
    assertEquals(started.code, 0, started.stderr);
    const status = await account.ftl(["jobs", "status"]);
    assertEquals(status.code, 0, status.stdout);
    await using waiting = account.start(["jobs", "wait"]);
    for (const { home } of fleet.hosts) await letGo(home);
    const { stdout } = await waiting.output();
    const text = new TextDecoder().decode(stdout);
    assertStringIncludes(text, "2 hosts: 2 changed");
    for (const { home } of fleet.hosts) {
      assertStringIncludes(text, `waited: ${home}\n`);
    }
    const removed = await account.ftl(["jobs", "status", "--remove"]);
    assertEquals(removed.code, 0, removed.stdout);
    const left = await Array.fromAsync(Deno.readDir(shared));
    assertEquals(left.filter(({ name }) => name.startsWith("j")), []);
  },
);

jobTest(
  "--remove prints one document, removes failed jobs, and no running ones",
  async ({ account, fleet: { hosts: [host], flags }, modules }) => {
    const start = ["run", "waits", "-M", modules, ...flags, "-B", "1h"];
    await account.ftl([...start, "-P", "0", "flag=~/flag"]);
    const running = await account.ftl(["jobs", "status", "--remove"]);
    assertStringIncludes(running.stderr, "the job's files: The job still runs");
    assertEquals(running.code, 1);
    assertEquals((await jobsOn(host!)).length, 1);
    const { stdout } = await account.ftl(["jobs", "--format", "json"]);
    const [{ job }] = JSON.parse(stdout);
    const cancelled = await account.ftl(["jobs", "cancel", job]);
    assertEquals(cancelled.code, 0, cancelled.stderr);
    const failed = await account.ftl([
      ...["jobs", "status", "--remove", "--format", "json"],
    ]);
    assertEquals(failed.code, 1);
    assertEquals(JSON.parse(failed.stdout).summary.failed, 1);
    assertEquals(failed.stderr, "");
    assertEquals(await jobsOn(host!), []);
  },
  { hosts: 1 },
);

jobTest(
  "jobs wait ends when a host cannot be reached at all",
  async ({ account, fleet }) => {
    const { code, stdout } = await account.ftl([
      ...["jobs", "wait", "j7", ...fleet.flags, "--port", "1"],
      ...["--connect-timeout", "5s"],
    ]);
    assertStringIncludes(stdout, "unreachable");
    assertEquals(code, 3);
    const silent = await account.ftl([
      ...["jobs", "list", ...fleet.flags, "--port", "1"],
    ]);
    assertStringIncludes(silent.stderr, "Cannot reach h01");
    assertEquals([silent.code, silent.stdout], [3, ""]);
  },
  { hosts: 1 },
);

Deno.test({
  name: `a job of another user belongs to that user${becomeNeed.suffix}`,
  ignore: becomeNeed.ignore,
  fn: async () => {
    await using site = await makeBecomeSite();
    await using account = await createAccount();
    const modules = join(account.home, "modules");
    await Deno.mkdir(modules);
    await Deno.writeTextFile(join(modules, "waits.py"), WAITS);
    const flags = site.flagsFor("free");
    const home = site.homeOf("app");
    const become = ["-b", "--become-user", "app"];
    const started = await account.ftl([
      ...[
        "run",
        "waits",
        "-M",
        modules,
        "-B",
        "60",
        "-P",
        "0",
        "flag=/etc/passwd",
      ],
      ...[...flags, ...become],
    ]);
    assertEquals(started.code, 0, started.stdout + started.stderr);
    const waited = await account.ftl(["jobs", "wait"]);
    assertStringIncludes(waited.stdout, `waited: ${await Deno.realPath(home)}`);
    const { uid } = await Deno.stat(home);
    const folder = join(home, ".ansible_async");
    for await (const { name } of Deno.readDir(folder)) {
      const found = await Deno.stat(join(folder, name));
      assertEquals([found.uid, found.mode! & 0o77], [uid, 0], name);
    }
    // doas keeps the HOME of the login user, which is not that of `app`.
    const kept = site.flagsFor("keepsenv");
    const doas = [...become, "--become-method", "doas"];
    const second = await account.ftl([
      ...["run", "waits", "-M", modules, "-B", "60", "-P", "0"],
      ...["flag=/etc/passwd", "--format", "json", ...kept, ...doas],
    ]);
    const [{ result }] = Object.values<{ result: { results_file: string } }>(
      JSON.parse(second.stdout).results,
    ) as [{ result: { results_file: string } }];
    assertStringIncludes(result.results_file, "/home/app/.ansible_async/");
    const asLogin = await account.ftl(["jobs", "list", ...flags]);
    assertStringIncludes(asLogin.stdout, "These hosts have no jobs");
    const asApp = await account.ftl(["jobs", "list", ...flags, ...become]);
    assertStringIncludes(asApp.stdout, "finished");
  },
});
