// What happens to hosts when their worker ends, hangs or is of another program, and
// what all workers of a run share. tests/contract/ has what calls and commands do.
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import {
  type HostFleet,
  hostFleetOf,
  type HostFleetOptions,
  openHostFleet,
} from "../../../src/core/fleet/host_fleet.ts";
import type { Call, HostResult } from "../../../src/core/call/call.ts";
import { collect, loadHosts, openFleet, run } from "../../../src/mod.ts";
import type { WorkerPool } from "../../../src/core/workers/worker_pool.ts";
import { MODULES } from "../../support/ftl.ts";
import {
  type OpensshFleet,
  sshdNeed,
  startOpensshFleet,
} from "../../support/openssh_fleet.ts";
import { startSshd } from "../../support/sshd.ts";
import { makeWorkers, workerProgram } from "../../support/worker_lab.ts";

/** Enough that each of two workers gets some. */
const HOSTS = 16;

/** A fleet of one server's hosts, and its workers. */
class Lab implements AsyncDisposable {
  readonly openssh: OpensshFleet;
  readonly folder: string;
  /** What was said of lost workers. */
  readonly lost: string[] = [];
  readonly #closing: (() => Promise<void>)[] = [];

  private constructor(openssh: OpensshFleet, folder: string) {
    this.openssh = openssh;
    this.folder = folder;
  }

  static async start(): Promise<Lab> {
    const folder = await Deno.makeTempDir({ prefix: "ftl-workers-" });
    await Deno.writeTextFile(
      join(folder, "mark.py"),
      "import os, time\ndef main(path, s):\n" +
        "    open(path, 'a').write('x')\n    time.sleep(s)\n" +
        "    return {'gate': os.getppid()}\n",
    );
    const maxStartups = "100";
    return new Lab(
      await startOpensshFleet({ hosts: HOSTS, maxStartups }),
      folder,
    );
  }

  async pool(options: Parameters<typeof makeWorkers>[1] = {}, count = 2) {
    return await makeWorkers(count, {
      onLost: (message) => this.lost.push(message),
      ...options,
    });
  }

  async fleet(
    workers: WorkerPool,
    { vars = {}, ...options }: Partial<HostFleetOptions> & {
      vars?: Record<string, unknown>;
    } = {},
  ): Promise<HostFleet> {
    const { sshd, hosts, knownHosts } = this.openssh;
    const fleet = await openHostFleet({
      hosts: hosts.map(({ name, address }) => ({
        name,
        groups: [],
        vars: {
          ansible_host: address,
          ansible_port: sshd.port,
          ansible_user: sshd.user,
          ansible_ssh_private_key_file: sshd.identityFile,
          ...vars,
        },
      })),
      sources: { dirs: [this.folder, MODULES] },
      connection: { knownHostsFiles: [knownHosts] },
      ssh: { config: "none", agentSocket: "" },
      workers,
      ...options,
    });
    this.#closing.push(() => fleet.close());
    return fleet;
  }

  /** How often hosts have begun the module. */
  async begun(host: string): Promise<number> {
    return (await Deno.readTextFile(this.markOf(host)).catch(() => "")).length;
  }

  markOf(host: string): string {
    return join(this.folder, `mark-${host}`);
  }

  /** Runs the module on hosts, each with a file of its own. */
  async mark(
    fleet: HostFleet,
    { hosts, s = 0 }: { hosts?: readonly string[]; s?: number } = {},
  ): Promise<HostResult[]> {
    const { results } = await collect(run(fleet, { module: "mark" }, {
      hosts,
      argsFor: ({ name }) => ({ path: this.markOf(name), s }),
    }));
    return [...results.values()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closing) await close();
    await this.openssh.stop();
    await Deno.remove(this.folder, { recursive: true });
  }
}

function test(name: string, fn: (lab: Lab) => Promise<void>): void {
  Deno.test({
    name: name + sshdNeed.suffix,
    ignore: sshdNeed.ignore,
    fn: async () => {
      await using lab = await Lab.start();
      await fn(lab);
    },
  });
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!await holds()) await new Promise((done) => setTimeout(done, 20));
}

const statusOf = ({ status }: HostResult) => status;

test("workers share the hosts, and end with the fleet", async (lab) => {
  const pool = await lab.pool();
  const fleet = await lab.fleet(pool);
  const results = await lab.mark(fleet);
  const { pids } = pool;
  assertEquals(pids.length, 2);
  assertEquals(results.map(statusOf), Array(HOSTS).fill("ok"));
  assert(!fleet.hasConnections);
  const { bytesSent, gatesSent, packsSent } = fleet.traffic;
  assertEquals([gatesSent, packsSent], [HOSTS, HOSTS]);
  assert(bytesSent > HOSTS * 10_000);
  await fleet.close();
  for (const pid of pids) assert(!await exists(`/proc/${pid}`));
  assertEquals(lab.lost, []);
});

test("hosts that may need a password have one worker, and no other starts", async (lab) => {
  const passwords = { ofHosts: () => Promise.resolve("x") };
  const pool = await lab.pool();
  const fleet = await lab.fleet(pool, { passwords });
  const results = await lab.mark(fleet);
  assertEquals(results.map(statusOf), Array(HOSTS).fill("ok"));
  assertEquals(pool.pids.length, 1);
});

test("no worker starts by itself where it would have most of the hosts", async (lab) => {
  const passwords = { ofHosts: () => Promise.resolve("x") };
  const pool = await lab.pool({ mustShare: true });
  const fleet = await lab.fleet(pool, { passwords });
  const results = await lab.mark(fleet);
  assertEquals(results.map(statusOf), Array(HOSTS).fill("ok"));
  assertEquals(pool.pids, []);
  assert(fleet.hasConnections);
});

test("a worker that dies between calls costs nothing", async (lab) => {
  const pool = await lab.pool();
  const fleet = await lab.fleet(pool);
  await lab.mark(fleet);
  for (const pid of pool.pids) Deno.kill(pid, "SIGKILL");
  await until(() => lab.lost.length === 2);
  assertMatch(lab.lost[0]!, /^Lost a worker process: .*SIGKILL/);
  const again = await lab.mark(fleet);
  assertEquals(again.map(statusOf), Array(HOSTS).fill("ok"));
  assert(!fleet.hasConnections);
});

test("a worker that dies during calls loses its own, and none is repeated", async (lab) => {
  const pool = await lab.pool();
  const fleet = await lab.fleet(pool);
  await lab.mark(fleet); // all gates are open
  const running = lab.mark(fleet, { s: 3 });
  const names = lab.openssh.hosts.map(({ name }) => name);
  await until(async () => {
    const counts = await Promise.all(names.map((name) => lab.begun(name)));
    return counts.every((count) => count === 2);
  });
  Deno.kill(pool.pids[0]!, "SIGKILL");
  const results = await running;
  const lost = results.filter(({ status }) => status === "unreachable");
  assert(lost.length > 0 && lost.length < HOSTS);
  for (const { error } of lost) {
    assertEquals(error?.phase, "call");
    assertStringIncludes(error!.message, "Lost a worker process during the");
    assertStringIncludes(error!.message, "the call may have taken effect");
  }
  for (const { host, status } of results) {
    assert(status === "ok" || status === "unreachable");
    assertEquals(await lab.begun(host), 2);
  }
  const after = await lab.mark(fleet);
  assertEquals(after.map(statusOf), Array(HOSTS).fill("ok"));
});

test("a worker that dies during commands is told as honestly", async (lab) => {
  const pool = await lab.pool();
  const fleet = await lab.fleet(pool);
  const [path, hosts] = [lab.markOf("h01"), ["h01"]];
  const words = `printf x >>${path}; exec sleep 300`;
  const calls: Call[] = [
    { command: [words] },
    { module: "raw", args: { _raw_params: words } },
  ];
  for (const [at, call] of calls.entries()) {
    const running = collect(run(fleet, call, { hosts }));
    await until(async () => await lab.begun("h01") > at);
    for (const pid of pool.pids) Deno.kill(pid, "SIGKILL");
    const error = (await running).results.get("h01")!.error!;
    assertEquals([error.kind, error.phase], ["connect", "call"]);
    assertMatch(
      error.message,
      /^Lost a worker process during the call: .*; the call may have taken/,
    );
    assertEquals(await lab.begun("h01"), at + 1);
  }
});

test("hosts that had not begun are given to a new worker", async (lab) => {
  const pool = await lab.pool({}, 1);
  const fleet = await lab.fleet(pool, { fanout: 4 });
  const running = lab.mark(fleet, { s: 1 });
  await until(() => fleet.gates.size > 0);
  Deno.kill(pool.pids[0]!, "SIGKILL");
  const results = await running;
  const counts = await Promise.all(results.map(({ host }) => lab.begun(host)));
  assert(counts.every((count) => count <= 1));
  const lost = results.filter(({ status }) => status !== "ok");
  assert(lost.length > 0 && lost.length <= 4);
  for (const { error } of lost) assertEquals(error?.phase, "call");
});

test("a new worker that does not start counts as lost", async (lab) => {
  const program = await workerProgram();
  const started = join(lab.folder, "started");
  const once = `[ ! -e ${started} ] && touch ${started} && exec "$@"`;
  const pool = await lab.pool({
    program: {
      ...program,
      path: "/bin/sh",
      args: [
        "-c",
        `${once}; exec sleep 300`,
        "sh",
        program.path,
        ...program.args,
      ],
    },
  }, 1);
  const fleet = await lab.fleet(pool, { fanout: 4 });
  const timeout = AbortSignal.timeout;
  AbortSignal.timeout = (ms) => timeout(ms === 30_000 ? 2_000 : ms); // to start
  try {
    const running = lab.mark(fleet, { s: 1 });
    await until(() => fleet.gates.size > 0);
    const [pid] = pool.pids;
    Deno.kill(pid!, "SIGKILL");
    const results = await running;
    assertEquals(results.length, HOSTS);
    assert(fleet.hasConnections); // the rest of the hosts
    assertMatch(lab.lost.join("; "), /it does not answer/);
  } finally {
    AbortSignal.timeout = timeout;
  }
});

test("no worker starts after the fleet was closed", async (lab) => {
  const pool = await lab.pool();
  const fleet = await lab.fleet(pool);
  await lab.mark(fleet, { hosts: ["h01"] });
  const { pids } = pool;
  await fleet.close();
  await lab.mark(fleet);
  assertEquals([pids.length, pool.pids], [1, pids]);
});

test("a worker that is stopped counts as lost", async (lab) => {
  const pool = await lab.pool({}, 1);
  const fleet = await lab.fleet(pool);
  const hosts = ["h01"];
  const running = lab.mark(fleet, { hosts, s: 300 });
  await until(async () => await lab.begun("h01") > 0);
  const [pid] = pool.pids;
  Deno.kill(pid!, "SIGSTOP");
  const [result] = await running;
  assertMatch(
    result!.error!.message,
    /it did not answer for 15 s; the call may have taken effect$/,
  );
  await until(async () => !await exists(`/proc/${pid}`));
});

test("a worker of another build is refused, and this process connects", async (lab) => {
  const program = { ...await workerProgram(), build: "another" };
  const fleet = await lab.fleet(await lab.pool({ program }));
  const [result] = await lab.mark(fleet, { hosts: ["h01"] });
  assertEquals(result?.status, "ok");
  assert(fleet.hasConnections);
  assertEquals(lab.lost.length, 1);
  assertMatch(lab.lost[0]!, /it is of another build of ftl/);
});

test("a program that cannot be started is reported, and this process connects", async (lab) => {
  const program = { ...await workerProgram(), path: "/nonexistent/ftl" };
  const fleet = await lab.fleet(await lab.pool({ program }));
  const [result] = await lab.mark(fleet, { hosts: ["h01"] });
  assertEquals(result?.status, "ok");
  assertMatch(lab.lost[0]!, /^Cannot start a worker process: /);
});

test("the hosts behind a bastion share a worker, and one connection to it", async (lab) => {
  const bastion = await startSshd({ config: ["MaxSessions 100"] });
  try {
    const config = join(lab.folder, "ssh_config");
    await Deno.writeTextFile(
      config,
      `Host 127.0.1.*\n  ProxyJump ${bastion.user}@127.0.0.1:${bastion.port}\n` +
        `Host 127.0.0.1\n  IdentityFile ${bastion.identityFile}\n`,
    );
    const knownHosts = join(lab.folder, "known_hosts");
    await Deno.writeTextFile(
      knownHosts,
      await Deno.readTextFile(lab.openssh.knownHosts) +
        `[127.0.0.1]:${bastion.port} ${bastion.hostKey}\n`,
    );
    const fleet = await lab.fleet(await lab.pool(), {
      connection: { knownHostsFiles: [knownHosts] },
      ssh: { config, agentSocket: "" },
    });
    const results = await lab.mark(fleet);
    assertEquals(results.map(statusOf), Array(HOSTS).fill("ok"));
    const logins = bastion.log().split("Accepted publickey").length - 1;
    assertEquals(logins, 1);
  } finally {
    await bastion.stop();
  }
});

test("a new host key is added once", async (lab) => {
  const knownHosts = join(lab.folder, "known_hosts");
  const added: string[] = [];
  const fleet = await lab.fleet(await lab.pool(), {
    connection: { knownHostsFiles: [knownHosts], hostKeys: "accept-new" },
    ssh: {
      config: "none",
      agentSocket: "",
      onAdded: (host) => added.push(host),
    },
  });
  const results = await lab.mark(fleet);
  assertEquals(results.map(statusOf), Array(HOSTS).fill("ok"));
  const names = lab.openssh.hosts.map(({ name }) => name);
  assertEquals(added.sort(), names);
  const lines = (await Deno.readTextFile(knownHosts)).trim().split("\n");
  assertEquals(lines.length, HOSTS);
});

test("the passphrase of a key is asked once, and again when it was wrong", async (lab) => {
  const { sshd } = lab.openssh;
  const identityFile = join(lab.folder, "key");
  await Deno.copyFile(sshd.identityFile, identityFile);
  await Deno.chmod(identityFile, 0o600);
  const { success } = await new Deno.Command("ssh-keygen", {
    args: ["-p", "-q", "-P", "", "-N", "right", "-f", identityFile],
  }).output();
  assert(success);
  const asked: boolean[] = [];
  const fleet = await lab.fleet(await lab.pool(), {
    vars: { ansible_ssh_private_key_file: identityFile },
    ssh: {
      config: "none",
      agentSocket: "",
      passphrase: (_, { again }) => {
        asked.push(again);
        return Promise.resolve(again ? "right" : "wrong");
      },
    },
  });
  const results = await lab.mark(fleet);
  assertEquals(results.map(statusOf), Array(HOSTS).fill("ok"));
  assertEquals(asked, [false, true]);
});

test("openFleet() starts workers, for programs", async (lab) => {
  const { sshd, knownHosts, hosts } = lab.openssh;
  const warnings: string[] = [];
  await using fleet = await openFleet({
    hosts: await loadHosts({ inventory: `${hosts[0]!.address},` }),
    sources: { dirs: [MODULES] },
    connection: {
      ...{ user: sshd.user, port: sshd.port },
      identityFiles: [sshd.identityFile],
      knownHostsFiles: [knownHosts],
      sshConfig: "none",
    },
    workers: 1,
    onWarning: (message) => warnings.push(message),
  });
  const { summary } = await collect(run(fleet, { module: "greet" }));
  assertEquals([summary.ok, warnings], [1, []]);
  assert(!hostFleetOf(fleet).hasConnections);
});

Deno.test("openFleet() refuses a number of workers that makes no sense", async () => {
  for (const workers of [-1, 1.5, 65]) {
    await assertRejects(
      () => openFleet({ hosts: [], workers }),
      RangeError,
      `Cannot start ${workers} workers: it is not a whole number from 0 to 64`,
    );
  }
});

async function exists(path: string): Promise<boolean> {
  try {
    const stat = await Deno.readTextFile(`${path}/stat`);
    return !/\) Z /.test(stat);
  } catch {
    return false;
  }
}
