// What happens to a session and its clients when one of them ends, or is not what
// the other expects. tests/contract/ has what calls and commands do.
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import type { HostResult } from "../../../src/core/call/call.ts";
import {
  type HostFleet,
  openHostFleet,
} from "../../../src/core/fleet/host_fleet.ts";
import { collect, run } from "../../../src/core/run/run.ts";
import { SessionUnusable } from "../../../src/core/session/session_client.ts";
import type { SessionStatus } from "../../../src/core/session/session_messages.ts";
import { runSession } from "../../../src/core/session/session_server.ts";
import { startForgetfulProxy } from "../../support/forgetful_proxy.ts";
import { startSshServer } from "../../support/ssh_server.ts";
import { SessionLab, sessionTransport } from "../../support/session_lab.ts";
import { type Sshd, sshdNeed, startSshd } from "../../support/sshd.ts";
import { isRunning, readPid } from "../local_fleet.ts";

/** A server that is a host, and a session. */
class Lab implements AsyncDisposable {
  readonly sshd: Sshd;
  readonly session: SessionLab;
  readonly folder: string;
  readonly knownHosts: string;
  /** Called when its server has stopped. */
  onEnd = () => Promise.resolve();
  readonly #fleets: HostFleet[] = [];

  private constructor(sshd: Sshd, session: SessionLab, folder: string) {
    this.sshd = sshd;
    this.session = session;
    this.folder = folder;
    this.knownHosts = join(folder, "known_hosts");
  }

  static async start(
    config: (folder: string) => readonly string[],
  ): Promise<Lab> {
    const folder = await Deno.makeTempDir({ prefix: "ftl-lab-" });
    const sshd = await startSshd({ config: config(folder) });
    const lab = new Lab(sshd, await SessionLab.start(), folder);
    await Deno.writeTextFile(lab.knownHosts, lab.#knownLine());
    await Deno.mkdir(join(folder, "modules"));
    await Deno.writeTextFile(
      join(folder, "modules/sleep.py"),
      "import os, time\ndef main(path, s=300):\n" +
        "    open(path, 'w').write(str(os.getpid()))\n    time.sleep(s)\n" +
        "    return {'slept': s}\n",
    );
    await Deno.writeTextFile(
      join(folder, "modules/gate.py"),
      "import os\ndef main():\n    return {'pid': os.getppid()}\n",
    );
    return lab;
  }

  /** Marks the host's key as revoked. */
  async revokeKey(): Promise<void> {
    const line = `@revoked * ${this.sshd.hostKey}\n`;
    await Deno.writeTextFile(this.knownHosts, line + this.#knownLine());
  }

  /** A fleet of a new client; without `keeps` it uses only what is open. */
  async fleet(
    { keeps = true, vars = {}, onLost, connectTimeoutMs }: {
      keeps?: boolean;
      vars?: Record<string, unknown>;
      onLost?: () => void;
      connectTimeoutMs?: number;
    } = {},
  ): Promise<HostFleet> {
    const { sshd, session } = this;
    const fleet = await openHostFleet({
      hosts: [{
        name: "h1",
        groups: [],
        vars: {
          ansible_host: "127.0.0.1",
          ansible_port: sshd.port,
          ansible_user: sshd.user,
          ansible_ssh_private_key_file: sshd.identityFile,
          ...vars,
        },
      }],
      sources: { dirs: [join(this.folder, "modules")] },
      connection: { knownHostsFiles: [this.knownHosts], connectTimeoutMs },
      ssh: { config: "none", agentSocket: "" },
      sessions: await session.pool({ keeps, ...(onLost && { onLost }) }),
    });
    this.#fleets.push(fleet);
    return fleet;
  }

  async status(): Promise<SessionStatus> {
    const client = await this.session.client();
    const status = await client.ask<SessionStatus>("Status", {});
    client.close();
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const fleet of this.#fleets) await fleet.close();
    await this.session[Symbol.asyncDispose]();
    await this.sshd.stop();
    await this.onEnd();
    await Deno.remove(this.folder, { recursive: true });
  }

  #knownLine(): string {
    return `[127.0.0.1]:${this.sshd.port} ${this.sshd.hostKey}\n`;
  }
}

/** @param config lines for the server's configuration */
function test(
  name: string,
  fn: (lab: Lab) => Promise<void>,
  config: (folder: string) => readonly string[] = () => [],
): void {
  Deno.test({
    name: name + sshdNeed.suffix,
    ignore: sshdNeed.ignore,
    fn: async () => {
      await using lab = await Lab.start(config);
      await fn(lab);
    },
  });
}

async function resultOf(
  fleet: HostFleet,
  module: string,
  args: Record<string, string | number> = {},
): Promise<HostResult> {
  const { results } = await collect(run(fleet, { module, args }));
  return results.get("h1")!;
}

async function gateOf(fleet: HostFleet): Promise<unknown> {
  const { result, error } = await resultOf(fleet, "gate");
  assertEquals(error, null);
  return (result as { pid: number }).pid;
}

test("clients share a gate, and it stays open after them", async (lab) => {
  const first = await lab.fleet();
  const pid = await gateOf(first);
  await first.close();
  assertEquals(await gateOf(await lab.fleet({ keeps: false })), pid);
  const { hosts, gates, calls } = await lab.status();
  assertEquals([hosts, gates, calls > 1], [["h1"], 1, true]);
});

test("a host that is reached otherwise gets a connection of its own", async (lab) => {
  const pid = await gateOf(await lab.fleet());
  const others = [
    {
      ansible_host: "127.0.0.2",
      ansible_ssh_common_args: "-o StrictHostKeyChecking=no",
    },
    { ansible_python_interpreter: "/usr/bin/env python3" },
    { ansible_ssh_common_args: "-o ServerAliveInterval=7" },
  ];
  for (const vars of others) {
    const fleet = await lab.fleet({ keeps: false, vars });
    assert(await gateOf(fleet) !== pid, JSON.stringify(vars));
    assert(fleet.hasConnections);
  }
  const patient = await lab.fleet({ keeps: false, connectTimeoutMs: 99_000 });
  assertEquals(await gateOf(patient), pid);
});

test("a key that was revoked since is refused", async (lab) => {
  const pid = await gateOf(await lab.fleet());
  assertEquals(await gateOf(await lab.fleet({ keeps: false })), pid);
  await lab.revokeKey();
  for (const keeps of [false, true]) {
    const { error } = await resultOf(await lab.fleet({ keeps }), "gate");
    assertStringIncludes(error?.message ?? "", "is marked as revoked");
  }
  assertEquals((await lab.status()).hosts, []);
});

test("a command takes the shell that waits on the host, and the next one too", async (lab) => {
  const fleet = await lab.fleet();
  const shellOfCommand = async () => {
    const { results } = await collect(run(fleet, { command: ["echo $$"] }));
    const { result, error } = results.get("h1")!;
    assertEquals(error, null);
    return Number((result as { stdout: string }).stdout);
  };
  let last = await shellOfCommand();
  for (const _ of ["first", "second"]) {
    const waiting = await waitingShell(lab.sshd.port, last);
    last = await shellOfCommand();
    assertEquals(last, waiting);
  }
});

test(
  "a forced command runs only when a client asks for a command",
  async (lab) => {
    const fleet = await lab.fleet();
    for (const runs of [1, 2]) {
      const { results } = await collect(run(fleet, { command: ["true"] }));
      assertStringIncludes(
        results.get("h1")!.error?.message ?? "",
        "the account ended with status 0",
      );
      // As long as a shell would need to start.
      await new Promise((resolve) => setTimeout(resolve, 500));
      const ran = await Deno.readTextFile(join(lab.folder, "ran"));
      assertEquals(ran, "ran\n".repeat(runs));
    }
  },
  (folder) => [`ForceCommand echo ran >>${folder}/ran`],
);

test("a host whose connection died while its shell waited is opened again", async (lab) => {
  const proxy = startForgetfulProxy(lab.sshd.port);
  const line = `[127.0.0.1]:${proxy.port} ${lab.sshd.hostKey}\n`;
  await Deno.writeTextFile(lab.knownHosts, line, { append: true });
  const fleet = await lab.fleet({ vars: { ansible_port: proxy.port } });
  const [src, dest] = [join(lab.folder, "src"), join(lab.folder, "dest")];
  await Deno.writeTextFile(src, "x");
  const uses: Parameters<typeof run>[1][] = [
    { command: ["true"] },
    { push: { src, dest } },
    { fetch: { src: dest, dest: join(lab.folder, "fetched/") } },
  ];
  lab.onEnd = () => proxy.stop();
  for (const use of [uses[0]!, ...uses]) {
    const { results } = await collect(run(fleet, use));
    assertEquals(results.get("h1")!.error, null);
    await waitingShell(lab.sshd.port, 0);
    // Until the host has to answer before its shell is taken.
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    proxy.forget();
  }
  assertEquals(proxy.connections, 4);
});

test("a client that is killed ends its calls only", async (lab) => {
  const [killed, other] = [await lab.fleet(), await lab.fleet()];
  const gate = await gateOf(other);
  const paths = ["a", "b"].map((name) => join(lab.folder, name));
  const long = resultOf(killed, "sleep", { path: paths[0]! });
  const short = resultOf(other, "sleep", { path: paths[1]!, s: 3 });
  const pid = await readPid(paths[0]!, long);
  await readPid(paths[1]!, short);
  // The socket closes, as the system does it after kill -9.
  await killed.close();
  assertEquals((await short).result, { slept: 3 });
  assertEquals((await long).status, "unreachable");
  assert(!await isRunning(pid));
  assertEquals(await gateOf(other), gate);
});

test("a call in flight when the session ends is not repeated", async (lab) => {
  let lost = 0;
  const fleet = await lab.fleet({ onLost: () => lost++ });
  const path = join(lab.folder, "pid");
  const running = resultOf(fleet, "sleep", { path });
  const pid = await readPid(path, running);
  await lab.session.stop();
  const { status, error } = await running;
  assertEquals([status, error?.phase], ["unreachable", "call"]);
  assertStringIncludes(error!.message, "the call may have taken effect");
  assertStringIncludes(error!.message, "session lab");
  assertEquals(await Deno.readTextFile(path), String(pid));
  // The next call connects from here.
  await gateOf(fleet);
  assert(fleet.hasConnections);
  assertEquals(lost, 1);
});

test("a session that ended while nothing ran costs a connection", async (lab) => {
  const fleet = await lab.fleet();
  await gateOf(fleet);
  await lab.session.stop();
  while (fleet.gates.size > 0) { // until the end is noticed
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await gateOf(fleet);
  assert(fleet.hasConnections);
});

test("a host whose server ended is opened again", async (lab) => {
  const fleet = await lab.fleet();
  const pid = await gateOf(fleet);
  await fleet.release(["h1"]);
  assert(await gateOf(fleet) !== pid);
  assertEquals((await lab.status()).hosts, ["h1"]);
  assert(!fleet.hasConnections);
});

Deno.test("a session that becomes idle ends, and leaves nothing", async () => {
  await using lab = await SessionLab.start({ idleMs: 1 });
  assertEquals(await lab.ended, true);
  for (const path of [lab.place.socket, lab.place.token, lab.place.lock]) {
    await assertRejects(() => Deno.lstat(path), Deno.errors.NotFound);
  }
});

Deno.test("a session whose hosts were never opened ends with its client", async () => {
  await using lab = await SessionLab.start({ idleMs: 600_000 });
  (await lab.client()).close();
  assertEquals(await lab.ended, true);
});

Deno.test("a session stays while it has a client", async () => {
  await using lab = await SessionLab.start({ idleMs: 60_000 });
  const client = await lab.client();
  client.say("Keep", { ms: 120_000 }, 0);
  const status = await client.ask<SessionStatus>("Status", {});
  assertEquals([status.idleMs < 1_000, status.idleLimitMs], [true, 120_000]);
  client.close();
});

Deno.test("another build and another token are refused, in a sentence", async () => {
  await using lab = await SessionLab.start();
  for (
    const [options, why] of [
      [{ build: "other" }, "it is of another build of ftl (1)"],
      [{ token: "0".repeat(64) }, "its token is another one"],
    ] as const
  ) {
    await assertRejects(() => lab.client(options), SessionUnusable, why);
  }
  const client = await lab.client();
  assert(client.isOpen);
  client.close();
});

Deno.test("a message that makes no sense ends its client, and the session stays", async () => {
  await using lab = await SessionLab.start();
  for (const data of [{ keys: 7 }, {}, { keys: null }]) {
    const client = await lab.client();
    const ended = Promise.withResolvers<void>();
    client.start("Find", data, (message) => {
      if (message === undefined) ended.resolve();
    });
    await ended.promise;
    client.close();
  }
  const client = await lab.client();
  client.say("Keep", { ms: "long" }, 0);
  const { clients, idleLimitMs } = await client.ask<SessionStatus>(
    "Status",
    {},
  );
  assertEquals([clients, idleLimitMs], [0, 60_000]);
  client.close();
});

Deno.test("a name is taken once, and what a dead session left is replaced", async () => {
  await using lab = await SessionLab.start();
  const options = {
    place: lab.place,
    ftl: "1",
    build: "b",
    idleMs: 1,
    environment: "e",
  };
  const start = { onReady: () => {}, signal: new AbortController().signal };
  assertEquals(await runSession(options, start), false);
  await lab.stop();
  // As kill -9 leaves them: files, and nobody who holds the lock.
  for (const path of [lab.place.socket, lab.place.token, lab.place.lock]) {
    await Deno.writeTextFile(path, "stale");
  }
  assertEquals(await runSession(options, start), true);
});

Deno.test("the files of a session are the user's alone", async () => {
  await using lab = await SessionLab.start();
  for (const path of [lab.place.token, lab.place.lock]) {
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
  }
});

Deno.test("a password is asked from the client that opens the host", async () => {
  await using lab = await SessionLab.start();
  const server = await startSshServer({
    authenticate: (attempt) =>
      attempt.method === "password" && attempt.password === "open sesame"
        ? attempt.accept()
        : attempt.reject(["password"]),
  });
  const knownHosts = await Deno.makeTempFile();
  await Deno.writeTextFile(knownHosts, server.knownHosts);
  const { signal } = new AbortController();
  const endpoint = server.endpoint({
    ssh: { knownHostsFiles: [knownHosts] },
  });
  const transport = sessionTransport(await lab.pool(), "open sesame");
  const connection = await transport.open(endpoint, { signal });
  connection.close();
  transport.close();
  // The host is open: the next client needs no password.
  const later = sessionTransport(await lab.pool());
  (await later.open(endpoint, { signal })).close();
  later.close();
  await server.stop();
  await Deno.remove(knownHosts);
});

/**
 * Waits for another shell on the server that waits for a script; its process ID. A
 * script that has ended may leave its watcher for a moment, a fork of its shell.
 */
async function waitingShell(port: number, last: number): Promise<number> {
  for (;;) {
    for await (const { name } of Deno.readDir("/proc")) {
      if (!/^\d+$/.test(name) || Number(name) === last) continue;
      const read = (file: string) =>
        Deno.readTextFile(`/proc/${name}/${file}`).catch(() => "");
      if (!(await read("cmdline")).includes("$t-none")) continue;
      const connection = / (\d+)\0/.exec(
        (await read("environ")).match(/SSH_CONNECTION=[^\0]*\0/)?.[0] ?? "",
      );
      const group = /\) \S \d+ (\d+) /.exec(await read("stat"))?.[1];
      const isShell = group === name;
      if (isShell && connection?.[1] === String(port)) return Number(name);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
