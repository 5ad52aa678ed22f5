// Workers and senders as their users run them: processes of their own, with keys,
// that are ended and killed.
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import {
  createAccount,
  eventually,
  parseLines,
  readEvents,
  untilEvent,
} from "../support/ftl.ts";
import { need } from "../support/need.ts";
import {
  makeKey,
  pinWorker,
  testNats as test,
} from "../support/nats_accounts.ts";

const FAKETIME =
  `/usr/lib/${Deno.build.arch}-linux-gnu/faketime/libfaketime.so.1`;
const faketimeNeed = need(
  "libfaketime",
  await Deno.stat(FAKETIME).then(() => FAKETIME, () => undefined),
);

test("a signed call runs on hosts of a worker", { hosts: 3 }, async (lab) => {
  const nobody = await lab.sender.ftl(["worker", "--list"]);
  assertEquals([nobody.code, nobody.stdout], [0, "No worker is there\n"]);
  const started = await lab.start("--name", "w1");
  const { code, stdout, stderr } = await lab.sender.ftl([
    ...["run", "echo", ...lab.on, "name={{ inventory_hostname }}"],
    ...["--format", "json"],
  ]);
  assertEquals([code, stderr], [0, ""]);
  const { results } = JSON.parse(stdout);
  assertEquals(Object.keys(results).sort(), ["h0", "h1", "h2"]);
  assertEquals(results.h1.result, { args: { name: "h1" } });
  const listed = await lab.sender.ftl(["worker", "--list", "--format", "json"]);
  const [worker] = JSON.parse(listed.stdout);
  assertEquals([worker.worker, worker.site], ["w1", null]);
  started.kill("SIGTERM");
  assertEquals((await started.status).code, 0);
});

test("what a host must not get, it does not get from a worker", {
  hosts: 1,
}, async (lab) => {
  await lab.start("--name", "w1");
  const { stdout } = await lab.sender.ftl([
    ...["run", "echo", ...lab.on, "--in-memory", "-B", "9"],
    ...["--format", "json"],
  ]);
  assertStringIncludes(
    JSON.parse(stdout).results.h0.error.message,
    "Cannot run module echo in the background in memory",
  );
});

test("what cannot be done says so, and means that no host was contacted", {
  hosts: 1,
}, async (lab) => {
  const secret = join(lab.sender.home, "secret");
  await Deno.writeTextFile(secret, "hunter22\n");
  const cases: [string[], string][] = [
    [["--facts"], "Cannot gather facts first over NATS"],
    [["--detach", "--serial", "1"], "Cannot detach a run with --serial"],
    [[`password:secret=@${secret}`], "Cannot send the argument password"],
    [["--nats", "nats://127.0.0.1:1"], "Cannot connect to NATS"],
    [["--known-workers", secret], "Cannot read"],
    [["--sign-key", secret], "Cannot sign calls"],
  ];
  for (const [args, message] of cases) {
    const words = ["run", "echo", ...lab.on, ...args];
    const { code, stdout, stderr } = await lab.sender.ftl(words);
    assertEquals([code, stdout], [2, ""], stderr);
    assertStringIncludes(stderr, `ftl: ${message}`);
  }
  const { code, stderr } = await lab.sender.ftl([
    ...["run", "echo", ...lab.on, "--detach", "--report", "run.html"],
  ]);
  assertEquals(code, 0);
  assertStringIncludes(stderr, "--report is not used with --detach");
});

test(
  "secrets are sent only sealed, and stay masked",
  { hosts: 1 },
  async (lab) => {
    await lab.start("--name", "w1");
    const secret = join(lab.sender.home, "secret");
    await Deno.writeTextFile(secret, "hunter22\n");
    const run = () =>
      lab.sender.ftl([
        ...["run", "echo", ...lab.on, `password:secret=@${secret}`, "a=1"],
        ...["--format", "json"],
      ]);
    const refused = await run();
    assert(refused.code !== 0);
    assertStringIncludes(refused.stderr, "Cannot send the argument password");
    await pinWorker(lab);
    const { code, stdout, stderr } = await run();
    assertEquals([code, stderr], [0, ""]);
    assert(!stdout.includes("hunter22"));
    assertEquals(JSON.parse(stdout).results.h0.result.args.a, "1");
    const store = new Deno.Command("grep", {
      args: ["-ral", "hunter22", lab.hosts.lab.server.folder],
    });
    assertEquals(new TextDecoder().decode((await store.output()).stdout), "");
  },
);

test("a sender that is not allowed is refused", { hosts: 1 }, async (lab) => {
  await lab.start("--name", "w1");
  await Deno.remove(join(lab.sender.home, ".ssh"), { recursive: true });
  await makeKey(lab.sender);
  const { code, stdout } = await lab.sender.ftl([
    ...["run", "echo", ...lab.on, "--format", "json"],
  ]);
  assertEquals(code, 3);
  assertStringIncludes(
    JSON.parse(stdout).results.h0.error.message,
    "The worker w1 refused: Cannot accept a call: the key SHA256:",
  );
});

test("a key that cannot sign is named", { hosts: 1 }, async (lab) => {
  await lab.start("--name", "w1");
  const path = join(lab.sender.home, ".ssh/id_ed25519");
  await new Deno.Command("ssh-keygen", {
    args: ["-q", "-p", "-P", "", "-N", "locked", "-f", path],
  }).output();
  const run = () => lab.sender.ftl(["run", "echo", ...lab.on]);
  const locked = await run();
  assertEquals(locked.code, 3);
  assertStringIncludes(
    locked.stderr,
    `ftl: Cannot sign calls: ${path}: it needs a passphrase\n`,
  );
  await Deno.remove(join(lab.sender.home, ".ssh"), { recursive: true });
  const without = await run();
  assertEquals([without.code, without.stderr], [3, ""]);
});

test(
  "a detached run goes on alone, and can be followed",
  { hosts: 4 },
  async (lab) => {
    await lab.start();
    const { code, stdout } = await lab.sender.ftl([
      ...["run", "echo", ...lab.on, "n=1", "--detach"],
    ]);
    assertEquals(code, 0);
    const followed = await lab.sender.ftl([
      ...["runs", "follow", stdout.trim(), "--format", "ndjson"],
    ]);
    assertEquals([followed.code, followed.stderr], [0, ""]);
    const events = parseLines(followed.stdout);
    assertEquals(events[0].run, stdout.trim());
    const results = events.filter(({ event }) => event === "result");
    assertEquals(results.map(({ host }) => host).sort(), [...lab.hosts.names]);
    assertEquals(events.at(-1).summary.ok, 4);
    const start = stdout.slice(0, 8);
    const again = await lab.sender.ftl(["runs", "follow", start]);
    assertEquals([again.code, again.stderr], [0, ""]);
  },
);

test(
  "a detached run can be cancelled, and says when nobody takes it",
  { hosts: 4, vars: (i) => i === 3 ? { ftl_site: "paris" } : {} },
  async (lab) => {
    const wait = await lab.hosts.hold();
    const first = await lab.start("--fanout", "2");
    const sent = await lab.sender.ftl([
      ...["run", "note", ...lab.on, "--detach", `journal=${lab.hosts.journal}`],
      ...["host={{ inventory_hostname }}", `wait=${wait}`],
    ]);
    assertEquals([sent.code, sent.stderr], [
      0,
      "ftl: no worker of site paris is there: h3 waits\n",
    ]);
    await lab.hosts.untilLines("begin", 2);
    const { code, stdout } = await lab.sender.ftl([
      ...["runs", "cancel", sent.stdout.trim(), "--format", "json"],
    ]);
    assertEquals(code, 130);
    const { results, summary } = JSON.parse(stdout);
    assertEquals(summary.cancelled, 4);
    assertStringIncludes(results.h3.error.message, "before the call began");
    await Deno.remove(wait);
    first.kill("SIGTERM");
    assertEquals((await first.status).code, 0);
    // What was taken back is not made by a worker that comes later.
    await lab.start("--site", "paris", "--name", "late");
    const next = await lab.sender.ftl(["run", "echo", ...lab.on, "n=1"]);
    assertEquals(next.code, 0);
    const lines = await lab.hosts.lines();
    assert(!lines.some((line) => line.startsWith("end")), lines.join(", "));
    assert(!lines.includes("begin h3"));
  },
);

test(
  "a run that is not there cannot be cancelled",
  { hosts: 1 },
  async (lab) => {
    const { code, stderr } = await lab.sender.ftl([
      "runs",
      "cancel",
      "nothing",
    ]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "ftl: Cannot cancel nothing: nats://");
  },
);

test("options of workers are named when they are given", {
  hosts: 1,
}, async (lab) => {
  await lab.start("--name", "w1", "--site", "oslo");
  const { code, stderr } = await lab.sender.ftl([
    ...["run", "echo", ...lab.on, "--keep", "1m", "--workers", "2"],
  ]);
  assertEquals(code, 0);
  assertEquals(
    stderr,
    "ftl: --workers is not used: workers over NATS connect to the hosts\n" +
      "ftl: --keep is not used: workers over NATS connect to the hosts\n",
  );
  const listed = await lab.sender.ftl(["worker", "--list", "--site", "oslo"]);
  assertStringIncludes(listed.stdout, "w1");
  const none = await lab.sender.ftl(["worker", "--list", "--site", "lima"]);
  assertEquals(none.stdout, "No worker of site lima is there\n");
});

for (
  const [ahead, words] of [["+2h", "s in the future"], ["-2d", "expired at"]]
) {
  test(
    `a sender's clock that is off by ${ahead} is named`,
    { hosts: 1 },
    async (lab) => {
      await lab.start("--name", "w1");
      await using late = await createAccount({
        env: {
          FTL_NATS: lab.hosts.lab.server.url,
          LD_PRELOAD: FAKETIME,
          FAKETIME: ahead!,
          FAKETIME_DONT_FAKE_MONOTONIC: "1",
        },
      });
      await Deno.rename(
        join(lab.sender.home, ".ssh"),
        join(late.home, ".ssh"),
      );
      const { code, stdout } = await late.ftl([
        ...["run", "echo", ...lab.on, "--format", "json"],
      ]);
      assertEquals(code, 3);
      const { message, hint } = JSON.parse(stdout).results.h0.error;
      assertStringIncludes(
        message,
        "The worker w1 refused: Cannot accept a call",
      );
      assertStringIncludes(message, words!);
      assertMatch(message + hint, /set both clocks/i);
      assertEquals(await lab.hosts.lines(), []);
    },
    faketimeNeed,
  );
}

test(
  "a worker makes no call of a detached run whose time to begin is over",
  { hosts: 2 },
  async (lab) => {
    await using early = await createAccount({
      env: {
        FTL_NATS: lab.hosts.lab.server.url,
        LD_PRELOAD: FAKETIME,
        FAKETIME: "-10m",
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
      },
    });
    await Deno.rename(
      join(lab.sender.home, ".ssh"),
      join(early.home, ".ssh"),
    );
    const run = async (timeout: string) => {
      const { stdout } = await early.ftl([
        ...["run", "echo", ...lab.on, "--detach", "--worker-timeout", timeout],
      ]);
      const { code, stdout: shown } = await early.ftl([
        ...["runs", "follow", stdout.trim(), "--format", "json"],
      ]);
      return { code, results: JSON.parse(shown).results };
    };
    await lab.start("--name", "w1");
    const { code, results } = await run("5m");
    assertEquals(code, 3);
    for (const host of ["h0", "h1"]) {
      assertEquals(results[host].error.phase, "start");
      assertMatch(
        results[host].error.message,
        /^The call had not begun 5m after .* the worker's clock reads /,
      );
    }
    assertEquals((await run("20m")).code, 0);
  },
  faketimeNeed,
);

test(
  "a worker that is stopped while NATS is away names the hosts that it cannot report",
  {
    hosts: 1,
  },
  async (lab) => {
    const wait = await lab.hosts.hold();
    const worker = lab.worker.start([
      ...["worker", "--allow", join(lab.worker.home, "senders")],
      ...["--known-hosts", lab.hosts.knownHosts, "--name", "w1"],
    ]);
    const args = [`journal=${lab.hosts.journal}`, "host=h0", `wait=${wait}`];
    await lab.sender.ftl(["run", "note", ...lab.on, "--detach", ...args]);
    await lab.hosts.untilLines("begin", 1);
    await lab.hosts.lab.server.kill();
    worker.kill("SIGTERM");
    const { code, stderr } = await worker.output();
    assertEquals(code, 130);
    assertStringIncludes(
      new TextDecoder().decode(stderr),
      "Cannot report h0: the worker was stopped, and NATS did not answer",
    );
    await Deno.remove(wait);
  },
);

test("a worker waits for a server that is away when it starts", {
  hosts: 1,
}, async (lab) => {
  const { server } = lab.hosts.lab;
  await server.kill();
  const starting = lab.start("--name", "w1");
  const first = await Promise.race([
    starting.then(() => "ready"),
    new Promise((resolve) => setTimeout(() => resolve("waits"), 3_000)),
  ]);
  assertEquals(first, "waits");
  await server.restart();
  await starting;
  assertEquals((await lab.sender.ftl(["run", "echo", ...lab.on])).code, 0);
});

test(
  "^C at the sender ends the calls of its workers",
  { hosts: 2 },
  async (lab) => {
    const wait = await lab.hosts.hold();
    await lab.start();
    const running = lab.sender.start([
      ...["run", "note", ...lab.on, "--format", "ndjson"],
      ...[`journal=${lab.hosts.journal}`, "host={{ inventory_hostname }}"],
      `wait=${wait}`,
    ]);
    await lab.hosts.untilLines("begin", 2);
    running.kill("SIGINT");
    const { code, stdout } = await running.output();
    assertEquals(code, 130);
    const { summary } = parseLines(new TextDecoder().decode(stdout)).at(-1);
    assertEquals(summary.cancelled, 2);
    await Deno.remove(wait);
    assert(!(await lab.hosts.lines()).some((line) => line.startsWith("end")));
  },
);

test(
  "a pipe that nobody reads any more ends the calls of workers",
  { hosts: 1 },
  async (lab) => {
    await lab.start();
    const alive = join(lab.sender.home, "alive");
    await using running = lab.sender.start([
      ...[
        "exec",
        ...lab.on.slice(0, 2),
        "--stream",
        "--format",
        "ndjson",
        "--",
      ],
      `echo first; sleep 0.01; echo second; echo $$ >${alive}; exec sleep 600`,
    ]);
    const events = readEvents(running.stdout);
    await untilEvent(events, ({ event }) => event === "output");
    await events.return(); // closes the pipe
    assertEquals((await running.status).code, 141);
    await eventually("the command has ended", async () => {
      const pid = (await Deno.readTextFile(alive)).trim();
      return !await Deno.stat(`/proc/${pid}`).then(() => true, () => false);
    });
  },
);

test(
  "a worker that is killed loses only the hosts that it had begun",
  { hosts: 12 },
  async (lab) => {
    const wait = await lab.hosts.hold();
    const first = await lab.start("--name", "w1", "--fanout", "2");
    await lab.hosts.lab.setAckWait("site__any", 3_000);
    const running = lab.sender.start([
      ...["run", "note", ...lab.on, "--format", "ndjson"],
      ...[`journal=${lab.hosts.journal}`, "host={{ inventory_hostname }}"],
      `wait=${wait}`,
    ]);
    await lab.hosts.untilLines("begin", 2);
    first.kill("SIGKILL");
    await first.status;
    await lab.start("--name", "w2");
    await Deno.remove(wait);
    const { stdout } = await running.output();
    const results = parseLines(new TextDecoder().decode(stdout))
      .filter(({ event }) => event === "result");
    assertEquals(results.length, 12);
    const lost = results.filter(({ status }) => status === "unreachable");
    assertEquals(lost.map(({ error }) => error.phase), lost.map(() => "call"));
    assert(lost.length >= 2 && lost.length < 6);
    const begins = (await lab.hosts.lines())
      .filter((line) => line.startsWith("begin"));
    assertEquals(new Set(begins).size, begins.length);
  },
);

test(
  "calls of a sender that was killed end within a minute",
  { hosts: 1 },
  async (lab) => {
    const wait = await lab.hosts.hold();
    await lab.start();
    const running = lab.sender.start([
      ...["run", "note", ...lab.on, "--format", "ndjson"],
      ...[`journal=${lab.hosts.journal}`, "host={{ inventory_hostname }}"],
      `wait=${wait}`,
    ]);
    const events = readEvents(running.stdout);
    const [{ run }] = await untilEvent(
      events,
      ({ event }) => event === "run_start",
    );
    await lab.hosts.untilLines("begin", 1);
    running.kill("SIGKILL");
    await running.status;
    await events.return();
    await running.stderr.cancel();
    const followed = await lab.sender.ftl([
      "runs",
      "follow",
      run,
      "--format",
      "json",
    ]);
    const { results } = JSON.parse(followed.stdout);
    assertEquals(results.h0.status, "cancelled");
    assertStringIncludes(
      results.h0.error?.message ?? results.h0.stderr ?? "",
      "",
    );
    await eventually("the call has ended", async () => {
      const listed = await lab.sender.ftl([
        "worker",
        "--list",
        "--format",
        "json",
      ]);
      return JSON.parse(listed.stdout)[0].hosts === 0;
    });
    await Deno.remove(wait);
    assertEquals(await lab.hosts.lines(), ["begin h0"]);
  },
);

Deno.test("a command that connects by itself says that FTL_NATS is not used", async () => {
  const env = { FTL_NATS: "nats://127.0.0.1:1" };
  await using account = await createAccount({ env });
  const { stderr } = await account.ftl([
    ...["doctor", "localhost", "-i", "localhost,", "-c", "local"],
  ]);
  assertStringIncludes(stderr, "FTL_NATS is not used");
});
