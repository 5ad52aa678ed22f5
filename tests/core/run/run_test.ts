import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import type { Call, HostResult } from "../../../src/core/call/call.ts";
import type { RunEvent } from "../../../src/core/call/run_event.ts";
import type { HostFleet } from "../../../src/core/fleet/host_fleet.ts";
import { ref } from "../../../src/core/input/reference.ts";
import { collect, run, type RunOptions } from "../../../src/core/run/run.ts";
import { BuildError, InventoryError } from "../../../src/errors.ts";
import { isRunning, readPid, Site } from "../local_fleet.ts";

async function results(
  fleet: HostFleet,
  call: Call,
  options: RunOptions = {},
): Promise<HostResult[]> {
  const report = await collect(run(fleet, call, options));
  assertEquals(report.summary.hosts, report.results.size);
  return [...report.results.values()];
}

async function events(
  fleet: HostFleet,
  call: Call,
  options: RunOptions = {},
): Promise<RunEvent[]> {
  return await Array.fromAsync(run(fleet, call, options));
}

function resultOf(result: HostResult | undefined): Record<string, unknown> {
  return result!.result as Record<string, unknown>;
}

Deno.test("run() refuses an invalid timeout, and contacts no host", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(1));
  for (const timeoutMs of [0, -1, NaN, Infinity]) {
    await assertRejects(
      () => results(fleet, { module: "echo", args: {}, timeoutMs }),
      RangeError,
      `Cannot use a timeoutMs of ${timeoutMs}`,
    );
  }
});

Deno.test("run() accepts a timeout that is too long for one timer", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(1));
  const timeoutMs = 300 * 86_400_000;
  const src = await site.write("src", "content");
  const copied = { src, dest: `${site.folder}/dest` };
  for (
    const call of [
      { module: "echo", timeoutMs },
      { command: ["sleep 0.2"], timeoutMs },
      { push: copied, timeoutMs },
    ]
  ) {
    const [result] = await results(fleet, call);
    assertEquals(result?.error, null);
  }
});

Deno.test("run() yields a start, each host's phases and result, and an end", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(1));
  const seen = await events(fleet, { module: "echo", args: { a: 1 } });
  assertEquals(seen.map((e) => e.event === "host_phase" ? e.phase : e.event), [
    "run_start",
    "python",
    "upload",
    "start",
    "result",
    "run_end",
  ]);
  const [start] = seen;
  assert(start?.event === "run_start");
  assertEquals(start.module, "echo");
  assertEquals(start.args, { a: 1 });
  assertEquals(start.hosts, ["h1"]);
  const result = seen.at(-2);
  assert(result?.event === "result");
  assertEquals(result.status, "ok");
  assertEquals(result.result, { args: { a: 1 } });
  assertEquals(Object.keys(result.phases_ms), [
    "python",
    "upload",
    "start",
    "call",
  ]);
});

Deno.test("run() has one result for each of 50 hosts", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(50));
  const all = await results(fleet, { module: "echo", args: {} });
  assertEquals(all.length, 50);
  assertEquals(all.map(({ status }) => status), Array(50).fill("ok"));
  assertEquals(fleet.gates.size, 50);
});

Deno.test("run() gives good hosts their results while bad ones hang, refuse and die", async () => {
  await using site = await Site.make();
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const refusing = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  refusing.close();
  const ssh = (name: string, { addr }: Deno.Listener) => ({
    name,
    groups: [],
    vars: {
      ansible_host: "127.0.0.1",
      ansible_port: (addr as Deno.NetAddr).port,
    },
  });
  const hosts = [
    ssh("hung", silent),
    ssh("refusing", refusing),
    await site.host("dying", { module: "kill_gate" }),
    ...await site.hosts(5),
  ];
  await site.write(
    "modules/odd.py",
    "import os, signal\ndef main(name):\n" +
      "    if name == 'dying': os.kill(os.getppid(), signal.SIGKILL)\n" +
      "    return {'name': name}\n",
  );
  const fleet = await site.open(hosts, {
    ssh: { connectTimeoutMs: 600_000, agentSocket: "" },
  });
  const controller = new AbortController();
  const of = new Map<string, HostResult>();
  const call = { module: "odd", args: {} };
  for await (
    const event of run(fleet, call, {
      signal: controller.signal,
      argsFor: (host) => ({ name: host.name }),
    })
  ) {
    if (event.event !== "result") continue;
    of.set(event.host, event);
    // All others have theirs while one hangs.
    if (of.size === 7) controller.abort();
  }
  assertEquals(of.size, 8);
  assertEquals(of.get("hung")!.status, "cancelled");
  for (const host of ["h1", "h2", "h3", "h4", "h5"]) {
    assertEquals(of.get(host)!.result, { name: host });
  }
  for (
    const [host, phase] of [
      ["refusing", "connect"],
      ["dying", "call"],
    ] as const
  ) {
    assertEquals(of.get(host)!.status, "unreachable");
    assertEquals(of.get(host)!.error!.phase, phase);
  }
  assertStringIncludes(
    of.get("dying")!.error!.message,
    "may have taken effect",
  );
});

Deno.test("run() contacts no host when the module cannot be found", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(2));
  await assertRejects(
    () => events(fleet, { module: "ekho", args: {} }),
    BuildError,
    "ekho",
  );
  assertEquals(fleet.traffic.bytesSent, 0);
});

Deno.test("run() calls only the hosts that it is given", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(3));
  const call = { module: "echo", args: {} };
  const [only, ...others] = await results(fleet, call, { hosts: ["h2", "h2"] });
  assertEquals([only!.host, others.length], ["h2", 0]);
  await assertRejects(
    () => results(fleet, call, { hosts: ["h2", "web9"] }),
    InventoryError,
    "web9",
  );
});

Deno.test("run() uses the gates that are open", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(2));
  const call = { module: "gate", args: {} };
  const pids = async () =>
    (await results(fleet, call)).map((each) => resultOf(each).pid).sort();
  const first = await pids();
  assertEquals(await pids(), first);
  const again = await results(fleet, call);
  assertEquals(Object.keys(again[0]!.phases_ms), ["call"]);
});

Deno.test("run() sends a module once, and the gate once", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(2));
  const call = { module: "echo", args: {} };
  await results(fleet, call);
  const { bytesSent, ...counts } = fleet.traffic;
  assertEquals(counts, { gatesSent: 2, packsSent: 2 });
  await results(fleet, call);
  assertEquals(fleet.traffic.packsSent, 2);
  assert(fleet.traffic.bytesSent - bytesSent < 1024);
});

Deno.test("run() opens a lost gate again", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(1));
  const [before] = await results(fleet, { module: "gate", args: {} });
  const [lost] = await results(fleet, { module: "kill_gate", args: {} });
  assertEquals(lost!.status, "unreachable");
  assertEquals(lost!.error!.phase, "call");
  const [after] = await results(fleet, { module: "gate", args: {} });
  assertEquals(after!.status, "ok");
  assert(resultOf(after).pid !== resultOf(before).pid);
});

Deno.test("run() cancels running calls when its signal aborts", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(2));
  const controller = new AbortController();
  const path = (host: string) => `${site.folder}/pid-${host}`;
  const running = results(fleet, { module: "sleep", args: {} }, {
    signal: controller.signal,
    argsFor: ({ name }) => ({ path: path(name) }),
  });
  const pids = [
    await readPid(path("h1"), running),
    await readPid(path("h2"), running),
  ];
  controller.abort();
  const all = await running;
  assertEquals(all.map(({ status }) => status), ["cancelled", "cancelled"]);
  for (const pid of pids) assertEquals(await isRunning(pid), false);
  // The gates are as good as before.
  const [next] = await results(fleet, { module: "echo", args: {} });
  assertEquals(Object.keys(next!.phases_ms), ["call"]);
});

Deno.test("run() cancels hosts that have not started, and contacts none when aborted before", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(3));
  const all = await results(fleet, { module: "echo", args: {} }, {
    signal: AbortSignal.abort(),
  });
  assertEquals(all.map(({ status }) => status), Array(3).fill("cancelled"));
  assertEquals(fleet.traffic.bytesSent, 0);
});

Deno.test("run() does not wait long for a gate that ignores a cancel", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(1));
  const [gate] = await results(fleet, { module: "gate", args: {} });
  const gatePid = Number(resultOf(gate).pid);
  const controller = new AbortController();
  const path = `${site.folder}/pid`;
  const running = results(fleet, { module: "sleep", args: { path } }, {
    signal: controller.signal,
  });
  const pid = await readPid(path, running);
  Deno.kill(gatePid, "SIGSTOP");
  controller.abort();
  const [result] = await running;
  assertEquals(result!.status, "cancelled");
  Deno.kill(pid, "SIGKILL");
  Deno.kill(gatePid, "SIGKILL");
});

Deno.test("run() ends the calls when its caller stops reading events", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(1));
  const path = `${site.folder}/pid`;
  let pid = 0;
  for await (const event of run(fleet, { module: "sleep", args: { path } })) {
    if (event.event !== "host_phase" || event.phase !== "start") continue;
    pid = await readPid(path, new Promise(() => {}));
    break;
  }
  assertEquals(await isRunning(pid), false);
});

Deno.test("run() ends a call at its deadline", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(1));
  const path = `${site.folder}/pid`;
  const [result] = await results(fleet, {
    module: "sleep",
    args: { path },
    timeoutMs: 300,
  });
  assertEquals(result!.status, "timed_out");
  assertEquals(await isRunning(await readPid(path, Promise.resolve())), false);
});

Deno.test("two runs at once on one fleet do not disturb each other", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(5));
  const one = results(fleet, { module: "echo", args: { n: 1 } });
  const two = results(fleet, { module: "echo", args: { n: 2 } });
  for (const [n, all] of [await one, await two].entries()) {
    assertEquals(all.length, 5);
    for (const each of all) assertEquals(each.result, { args: { n: n + 1 } });
  }
  assertEquals(fleet.traffic.packsSent, 5);
});

Deno.test("cancelling one of two runs that wait for the same hosts leaves the other alone", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(2));
  const controller = new AbortController();
  const call = { module: "echo", args: {} };
  const one = results(fleet, call, { signal: controller.signal });
  const two = results(fleet, call);
  controller.abort();
  await one;
  assertEquals((await two).map(({ status }) => status), ["ok", "ok"]);
});

Deno.test("run() takes values from each host's variables", async () => {
  await using site = await Site.make();
  const hosts = [
    await site.host("a", { app: { port: 80 } }),
    await site.host("b", { app: { port: 81 } }),
    await site.host("c"),
  ];
  const fleet = await site.open(hosts);
  const args = { name: "x", port: ref("app.port") };
  const all = await results(fleet, { module: "echo", args });
  const of = new Map(all.map((result) => [result.host, result]));
  assertEquals(of.get("a")!.result, { args: { name: "x", port: 80 } });
  assertEquals(of.get("b")!.result, { args: { name: "x", port: 81 } });
  assertEquals(of.get("c")!.status, "failed");
  assertEquals(
    of.get("c")!.error!.message,
    'Cannot resolve ref("app.port"): the host has no variable app',
  );
  assertEquals(fleet.gates.size, 2);
});

Deno.test("run() shows no secret in any event", async () => {
  await using site = await Site.make();
  const host = await site.host("a", { vault: { password: "fromvault" } });
  const fleet = await site.open([host]);
  const seen = await events(fleet, {
    module: "echo",
    args: { text: "hunter2!", password: "hunter2", p: ref("vault.password") },
    secrets: ["p"],
  });
  const text = JSON.stringify(seen);
  assert(!text.includes("hunter2") && !text.includes("fromvault"), text);
  const result = seen.at(-2);
  assert(result?.event === "result");
  assertEquals(result.result, {
    args: { text: "********!", password: "********", p: "********" },
  });
});

Deno.test("run() yields a module's output, masked, when it streams", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(1));
  const seen = await events(fleet, {
    module: "talk",
    args: { text: "say hunter2" },
    env: { DB_PASS: "hunter2" },
    stream: true,
  });
  const output = seen.filter((event) => event.event === "output");
  assertEquals(output.map(({ stream }) => stream).includes("stdout"), true);
  assertEquals(output.map(({ text }) => text).join(""), "say ********\n");
});

Deno.test("run() changes nothing in check mode", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(1));
  const check = { args: {}, check: true };
  const [native] = await results(fleet, { module: "changes", ...check });
  assertEquals(native!.result, { changed: true, check: true });
  assertEquals(native!.status, "changed");
  const [echo] = await results(fleet, { module: "gate", ...check });
  assertEquals(echo!.status, "skipped");
  const [shell] = await results(fleet, {
    command: [`touch ${site.folder}/touched`],
    check: true,
  });
  assertEquals(shell!.status, "skipped");
  await assertRejects(() => Deno.stat(`${site.folder}/touched`));
});

Deno.test("run() runs shell commands beside the gates", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(2));
  const [result] = await results(fleet, {
    command: ["echo", "a", "|", "tr", "a", "b"],
  });
  assertEquals(result!.status, "ok");
  assertEquals(result!.result, { rc: 0, stdout: "b\n", stderr: "" });
  assertEquals(fleet.gates.size, 0);
});

Deno.test("run() closes gates that it must not keep", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(2));
  const call = { module: "gate", args: {} };
  const all = await results(fleet, call, { keepOpen: false });
  assertEquals(fleet.gates.size, 0);
  await fleet.close();
  for (const each of all) {
    assertEquals(await isRunning(Number(resultOf(each).pid)), false);
  }
});

Deno.test("hosts are not started, and say why, after too many have failed", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(4));
  const call = { command: ["exit 1"] };
  const all = await results(fleet, call, { serial: { hosts: 2 } });
  assertEquals(all.map(({ status }) => status).toSorted(), [
    "cancelled",
    "cancelled",
    "failed",
    "failed",
  ]);
  assertEquals(
    all.find(({ host }) => host === "h4")?.error?.message,
    "The call was not started: all 2 hosts before it have failed",
  );
});

const HIDES = `def main(token, **_):
    shown = {"token": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}
    return {"invocation": {"module_args": shown}, "msg": "got " + token}
`;

Deno.test("run() masks what a host has masked, also in the arguments of run_end", async () => {
  await using site = await Site.make();
  await site.write("modules/hides.py", HIDES);
  const fleet = await site.open(await site.hosts(2));
  const call = { module: "hides", args: { token: "topsecret" } };
  const seen = await events(fleet, call);
  for (const event of seen) {
    if (event.event !== "result") continue;
    assertEquals(event.result, { msg: "got ********" });
  }
  const end = seen.at(-1);
  assert(end?.event === "run_end");
  assertEquals(end.args, { token: "********" });
  const plain = await events(fleet, { module: "echo", args: { a: 1 } });
  assertEquals(Object.hasOwn(plain.at(-1)!, "args"), false);
});

Deno.test("run() masks a host's passwords even when none was used", async () => {
  await using site = await Site.make();
  const host = await site.host("h1", {
    ansible_password: "login-secret",
    ansible_become_password: "become-secret",
  });
  const fleet = await site.open([host], { secrets: new Set(["vault-secret"]) });
  const [result] = await results(fleet, {
    module: "echo",
    args: { text: "login-secret become-secret vault-secret" },
  });
  assertEquals(resultOf(result).args, { text: "******** ******** ********" });
});

Deno.test("run() respects a module's no_log=False", async () => {
  await using site = await Site.make();
  await site.write(
    "modules/policy.py",
    `SPEC = dict(password_policy=dict(no_log=False), password=dict())
def main(password_policy, password):
    return {"policy": password_policy, "password": password}
`,
  );
  const fleet = await site.open(await site.hosts(1));
  const args = { password_policy: "strictest", password: "hunter22" };
  const seen = await events(fleet, { module: "policy", args });
  const start = seen[0];
  assert(start?.event === "run_start");
  assertEquals(start.args, { ...args, password: "********" });
  const result = seen.at(-2);
  assert(result?.event === "result");
  assertEquals(result.result, { policy: "strictest", password: "********" });
});
