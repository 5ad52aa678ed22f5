// What every engine must do, run against each: with connections of this process,
// with those of a session, with those of workers, and with those of a worker over
// NATS.
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import type { HostResult } from "../../src/core/call/call.ts";
import type { RunEvent } from "../../src/core/call/run_event.ts";
import {
  type HostFleet,
  openHostFleet,
} from "../../src/core/fleet/host_fleet.ts";
import { Provision } from "../../src/core/fleet/provision.ts";
import { RecordedModules } from "../../src/core/nats/messages/recorded_modules.ts";
import {
  type Engine,
  engineOf,
  type EngineTask,
} from "../../src/core/run/engine.ts";
import { collect } from "../../src/core/run/run.ts";
import { isRunning, readPid } from "../core/local_fleet.ts";
import type { WorkerPool } from "../../src/core/workers/worker_pool.ts";
import type { JsonObject } from "../../src/protocol/message.ts";
import { needAnsible } from "../support/ansible.ts";
import { NatsLab } from "../support/nats_lab.ts";
import { natsNeed } from "../support/nats_server.ts";
import { type Need, needAll } from "../support/need.ts";
import { SessionLab } from "../support/session_lab.ts";
import { makeWorkers } from "../support/worker_lab.ts";
import { type Sshd, sshdNeed, startSshd } from "../support/sshd.ts";

const MODULES = {
  echo: "def main(**args):\n    return {'args': args}\n",
  talk:
    "import sys, time\ndef main(text, seconds=0):\n    time.sleep(seconds)\n    print(text)\n    sys.stdout.flush()\n" +
    "    return {'said': text}\n",
  sleep: "import os, time\ndef main(path):\n" +
    "    open(path, 'w').write(str(os.getpid()))\n    time.sleep(300)\n",
  large: "def main(size):\n    return {'text': 'x' * size}\n",
  fails: "def main():\n    raise ValueError('no')\n",
};

/** An engine with two hosts that are one server. */
interface Lab {
  readonly kind: typeof KINDS[number];
  readonly folder: string;
  readonly fleet: HostFleet;
  readonly engine: Engine;
}

const KINDS = [
  "connections of this process",
  "a session",
  "workers",
  "a worker over NATS",
] as const;

const ANSIBLE = needAnsible();

/** Engines whose hosts read files of this machine. */
const NEAR = KINDS.slice(0, 3);

/** What a worker needs besides a server for SSH. */
const EVERYTHING = needAll(sshdNeed, natsNeed);

/** Registers a case for each kind of engine. */
function contract(
  name: string,
  fn: (lab: Lab) => Promise<void>,
  { kinds = KINDS, needs = [] }: {
    kinds?: readonly Lab["kind"][];
    /** What it needs besides. */
    needs?: readonly Need[];
  } = {},
): void {
  for (const kind of kinds) {
    const need = needAll(
      kind === "a worker over NATS" ? EVERYTHING : sshdNeed,
      ...needs,
    );
    Deno.test({
      name: `${kind}: ${name}${need.suffix}`,
      ignore: need.ignore,
      fn: async () => {
        const sshd = await startSshd();
        const folder = await Deno.makeTempDir({ prefix: "ftl-engine-" });
        const session = kind === "a session"
          ? await SessionLab.start()
          : undefined;
        const nats = kind === "a worker over NATS"
          ? await NatsLab.start()
          : undefined;
        try {
          const fleet = await openFleet(folder, {
            ...{ sshd, session },
            workers: kind === "workers" ? await makeWorkers(2) : undefined,
          });
          const engine = await engineFor(fleet, folder, nats);
          try {
            await fn({ kind, folder, fleet, engine });
          } finally {
            await engine.close();
          }
        } finally {
          await session?.[Symbol.asyncDispose]();
          await nats?.[Symbol.asyncDispose]();
          await sshd.stop();
          await Deno.remove(folder, { recursive: true });
        }
      },
    });
  }
}

/** The engine of a fleet, whose calls a worker makes where there is NATS. */
async function engineFor(
  fleet: HostFleet,
  folder: string,
  nats: NatsLab | undefined,
): Promise<Engine> {
  if (nats === undefined) return engineOf(fleet);
  const knownHostsFiles = [join(folder, "known_hosts")];
  const worker = await nats.worker({
    means: { connection: { knownHostsFiles } },
  });
  const sealing = await nats.sealing(worker);
  return await nats.engine(fleet, recorded.get(fleet)!, sealing);
}

/** What the plans of a fleet asked for. */
const recorded = new WeakMap<HostFleet, RecordedModules>();

async function openFleet(
  folder: string,
  { sshd, session, workers }: {
    sshd: Sshd;
    session: SessionLab | undefined;
    workers: WorkerPool | undefined;
  },
): Promise<HostFleet> {
  const modules = join(folder, "modules");
  await Deno.mkdir(modules);
  for (const [name, text] of Object.entries(MODULES)) {
    await Deno.writeTextFile(join(modules, `${name}.py`), text);
  }
  const knownHosts = join(folder, "known_hosts");
  await Deno.writeTextFile(
    knownHosts,
    `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`,
  );
  const { path: ansible } = ANSIBLE;
  const sources = { dirs: [modules, ...ansible === "" ? [] : [ansible]] };
  const asked = new RecordedModules(new Provision({ sources }));
  const fleet = await openHostFleet({
    modules: asked,
    hosts: ["h1", "h2"].map((name) => ({
      name,
      groups: [],
      vars: {
        ansible_host: "127.0.0.1",
        ftl_color: `${name} red`,
        ansible_port: sshd.port,
        ansible_user: sshd.user,
        ansible_ssh_private_key_file: sshd.identityFile,
      },
    })),
    connection: { knownHostsFiles: [knownHosts] },
    ssh: { config: "none", agentSocket: "" },
    ...(session && { sessions: await session.pool() }),
    workers,
  });
  recorded.set(fleet, asked);
  return fleet;
}

async function resultsOf(
  { engine }: Lab,
  task: EngineTask,
  signal?: AbortSignal,
): Promise<HostResult[]> {
  const { results } = await collect(engine.run(task, { signal }));
  return [...results.values()];
}

/** A module may begin before this process has heard that its gate is open. */
async function untilOpen({ kind, fleet }: Lab): Promise<void> {
  if (kind === "a worker over NATS") return; // the gates are the worker's
  while (fleet.gates.size === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

contract("a module runs, warm the second time", async (lab) => {
  const call = { module: "echo", args: { n: 1, text: "ä\n" } };
  for (let i = 0; i < 2; i++) {
    const results = await resultsOf(lab, { call });
    assertEquals(results.map(({ status }) => status), ["ok", "ok"]);
    for (const { result } of results) assertEquals(result, { args: call.args });
  }
  if (lab.kind === "a worker over NATS") return;
  assertEquals(
    lab.fleet.hasConnections,
    lab.kind === "connections of this process",
  );
  assertEquals(lab.fleet.gates.size, 2);
});

contract(
  "a run yields a start, one result for each host, and an end",
  async (lab) => {
    const events: RunEvent[] = [];
    for await (const event of lab.engine.run({ call: { open: true } })) {
      events.push(event);
    }
    assertEquals(events[0]?.event, "run_start");
    assertEquals(events.at(-1)?.event, "run_end");
    const names = events.flatMap((event) =>
      event.event === "result" ? [event.host] : []
    );
    assertEquals(names.sort(), ["h1", "h2"]);
  },
);

contract(
  "each phase of a host is told once, in order, before its output and its result",
  async (lab) => {
    // The second call is slow: its phases do not wait for its result.
    for (const seconds of [0, 2]) {
      const args = { text: "x", seconds };
      const call = { module: "talk", args, stream: true };
      const events = lab.engine.run({ call, keepOpen: false });
      const seen = new Map<string, string[]>([["h1", []], ["h2", []]]);
      for await (const event of events) {
        if (!("host" in event)) continue;
        const told = seen.get(event.host)!;
        if (event.event === "host_phase") told.push(event.phase);
        else if (event.event === "output") told.push("output");
        else if (event.event === "result") {
          const { call: _, ...before } = event.phases_ms;
          assertEquals(told, [...Object.keys(before), "output"]);
        }
      }
    }
  },
);

contract(
  "a shell command gets its input, and its status is reported",
  async (lab) => {
    const { results } = await collect(lab.engine.run(
      { call: { command: ["cat; exit 3"] } },
      {
        stdin: {
          async *chunks() {
            yield await Promise.resolve(new TextEncoder().encode("in\n"));
          },
        },
      },
    ));
    for (const { rc, result } of results.values()) {
      assertEquals(rc, 3);
      assertEquals((result as { stdout: string }).stdout, "in\n");
    }
  },
  { kinds: NEAR },
);

contract("a file is pushed, and not a second time", async (lab) => {
  const { folder } = lab;
  const content = new Uint8Array(5_000_000).map((_, i) => i * i);
  const src = join(folder, "file");
  await Deno.writeFile(src, content);
  const task = {
    call: { push: { src, dest: join(folder, "there"), mode: "0640" } },
    hosts: ["h1"],
  };
  const [first] = await resultsOf(lab, task);
  assertEquals([first?.status, first?.error], ["changed", null]);
  assertEquals(await Deno.readFile(join(folder, "there")), content);
  assertEquals((await Deno.stat(join(folder, "there"))).mode! & 0o777, 0o640);
  const [second] = await resultsOf(lab, task);
  assertEquals(second?.status, "ok");
  assertEquals((second?.result as { files: number }).files, 0);
});

contract("a folder is pushed, with links and empty files", async (lab) => {
  const { folder } = lab;
  const src = join(folder, "site");
  await Deno.mkdir(join(src, "a/b"), { recursive: true });
  await Deno.writeTextFile(join(src, "a/b/one"), "1");
  await Deno.writeTextFile(join(src, "a/empty"), "");
  await Deno.writeTextFile(join(src, "ä two"), "2".repeat(100_000));
  await Deno.symlink("a/b/one", join(src, "link"));
  const push = { src: `${src}/`, dest: join(folder, "there") };
  const [result] = await resultsOf(lab, { call: { push }, hosts: ["h1"] });
  assertEquals([result?.status, result?.error], ["changed", null]);
  assertEquals((result?.result as { files: number }).files, 4);
  assertEquals(await Deno.readLink(join(push.dest, "link")), "a/b/one");
  assertEquals(await Deno.readTextFile(join(push.dest, "a/b/one")), "1");
  assertEquals(await Deno.readTextFile(join(push.dest, "a/empty")), "");
  const two = await Deno.readTextFile(join(push.dest, "ä two"));
  assertEquals(two.length, 100_000);
});

contract("a source that is absent is refused before any host", async (lab) => {
  const push = { src: join(lab.folder, "absent"), dest: "/tmp/x" };
  const error = await assertRejects(() => resultsOf(lab, { call: { push } }));
  assertStringIncludes((error as Error).message, "there is no such file");
});

contract("a file of this machine runs on the hosts", async (lab) => {
  const path = join(lab.folder, "hello.sh");
  await Deno.writeTextFile(path, '#!/bin/sh\necho "hello $1"\n');
  const call = { command: [path, "you & me"], script: true };
  const results = await resultsOf(lab, { call });
  for (const { result } of results) {
    assertEquals((result as { stdout: string }).stdout, "hello you & me\n");
  }
});

contract("files go there and back unchanged", async (lab) => {
  const { folder } = lab;
  const content = crypto.getRandomValues(new Uint8Array(60_000));
  const src = join(folder, "file");
  await Deno.writeFile(src, content);
  const push = { src, dest: join(folder, "there") };
  const hosts = ["h1"];
  const [pushed] = await resultsOf(lab, { call: { push }, hosts });
  assertEquals([pushed?.status, pushed?.error], ["changed", null]);
  const fetch = { src: push.dest, dest: join(folder, "back") };
  await resultsOf(lab, { call: { fetch }, hosts });
  assertEquals(await Deno.readFile(join(folder, "back/h1/there")), content);
  const [again] = await resultsOf(lab, { call: { fetch }, hosts });
  assertEquals([again?.status, again?.error], ["ok", null]);
  assertEquals((again?.result as { files: number }).files, 0);
});

contract(
  "a folder is fetched, and only what differs a second time",
  async (lab) => {
    const there = join(lab.folder, "there");
    await Deno.mkdir(join(there, "a/b"), { recursive: true });
    await Deno.writeTextFile(join(there, "a/b/one"), "1");
    await Deno.chmod(join(there, "a/b/one"), 0o640);
    await Deno.writeTextFile(join(there, "a/empty"), "");
    await Deno.writeTextFile(join(there, "large"), "x".repeat(3_000_000));
    await Deno.symlink("a/b/one", join(there, "link"));
    const dest = join(lab.folder, "back");
    const call = { fetch: { src: there, dest, preserve: true }, verbosity: 1 };
    const results = await resultsOf(lab, { call });
    for (const { host, status, error, result } of results) {
      assertEquals([status, error], ["changed", null]);
      const { files, dest: to, received } = result as JsonObject;
      assertEquals([files, to], [3, join(dest, host, "there")]);
      assertEquals(
        (received as string[]).toSorted(),
        ["a/b/one", "a/empty", "large"],
      );
      const back = join(dest, host, "there");
      assertEquals(await Deno.readTextFile(join(back, "a/b/one")), "1");
      assertEquals(
        (await Deno.stat(join(back, "a/b/one"))).mode! & 0o777,
        0o640,
      );
      assertEquals(await Deno.readLink(join(back, "link")), "a/b/one");
      assertEquals((await Deno.stat(join(back, "large"))).size, 3_000_000);
    }
    await Deno.writeTextFile(join(there, "a/b/one"), "2");
    const [again] = await resultsOf(lab, { call, hosts: ["h1"] });
    const { files, bytes } = again?.result as JsonObject;
    assertEquals([again?.status, files, bytes], ["changed", 1, 1]);
  },
);

contract(
  "a pattern is fetched, and what is absent is that host's failure",
  async (lab) => {
    const there = join(lab.folder, "there");
    await Deno.mkdir(there);
    for (const name of ["a.log", "b.log", "c.txt"]) {
      await Deno.writeTextFile(join(there, name), name);
    }
    const dest = join(lab.folder, "back");
    const fetch = { src: join(there, "*.log"), dest };
    const [result] = await resultsOf(lab, { call: { fetch }, hosts: ["h1"] });
    const { files, dest: to } = result?.result as JsonObject;
    assertEquals([result?.status, files, to], ["changed", 2, join(dest, "h1")]);
    const absent = { src: join(there, "absent"), dest };
    const [failed] = await resultsOf(lab, {
      call: { fetch: absent },
      hosts: ["h1"],
    });
    assertEquals(failed?.status, "failed");
    assertStringIncludes(failed!.error!.message, "there is no such file");
  },
);

contract(
  "modules get the files of this machine that they read",
  async (lab) => {
    const here = join(lab.folder, "here");
    const there = join(lab.folder, "there");
    await Deno.mkdir(join(here, "tree/below"), { recursive: true });
    await Deno.mkdir(there);
    await Deno.writeTextFile(join(here, "one"), "one\n");
    await Deno.writeTextFile(join(here, "tree/below/two"), "2".repeat(50_000));
    await Deno.symlink("below/two", join(here, "tree/link"));
    await Deno.writeTextFile(join(here, "page.j2"), "I am {{ ftl_color }}\n");
    await Deno.writeTextFile(join(here, "say.sh"), "echo said $1\n");
    const make = async (module: string, args: JsonObject, host = "h1") => {
      const call = { module, args, render: true };
      const [made] = await resultsOf(lab, { call, hosts: [host] });
      return { status: made!.status, result: made!.result as JsonObject };
    };
    const read = (name: string) => Deno.readTextFile(join(there, name));

    const copied = { src: join(here, "one"), dest: `${there}/` };
    assertEquals((await make("copy", copied)).status, "changed");
    assertEquals(await read("one"), "one\n");
    const again = await make("copy", copied);
    assertEquals(again.status, "ok");
    assertEquals(again.result.dest, join(there, "one"));

    const tree = { src: `${here}/tree`, dest: there, local_follow: false };
    assertEquals((await make("copy", tree)).status, "changed");
    assertEquals((await read("tree/below/two")).length, 50_000);
    assertEquals(await Deno.readLink(join(there, "tree/link")), "below/two");

    for (const host of ["h1", "h2"]) {
      const dest = join(there, "page-{{ inventory_hostname }}");
      const made = await make(
        "template",
        { src: join(here, "page.j2"), dest },
        host,
      );
      assertEquals(made.status, "changed");
      assertEquals(await read(`page-${host}`), `I am ${host} red\n`);
    }

    const said = await make("script", { _raw_params: `${here}/say.sh it` });
    assertEquals(said.result.stdout, "said it\n");

    const whole = { src: `${here}/tree/below`, dest: join(there, "whole") };
    await make("assemble", { ...whole, remote_src: false });
    assertEquals((await read("whole")).length, 50_000);

    const absent = await make("copy", { src: "/absent", dest: there });
    assertEquals(absent.status, "failed");
    assertEquals(
      absent.result.msg,
      "Could not find or access '/absent' on this machine",
    );
  },
  { needs: [ANSIBLE] },
);

contract("a result of several megabytes arrives whole", async (lab) => {
  const size = 5_000_000;
  const [result] = await resultsOf(lab, {
    call: { module: "large", args: { size } },
    hosts: ["h1"],
  });
  assertEquals((result?.result as { text: string }).text.length, size);
});

contract("a failure is that host's result", async (lab) => {
  const [result] = await resultsOf(lab, {
    call: { module: "fails" },
    hosts: ["h2"],
  });
  assertEquals(result?.status, "failed");
  assertStringIncludes(JSON.stringify(result?.result), "ValueError: no");
});

contract("output is streamed", async (lab) => {
  const texts: string[] = [];
  const call = { module: "talk", args: { text: "hello" }, stream: true };
  for await (const event of lab.engine.run({ call, hosts: ["h1"] })) {
    if (event.event === "output") texts.push(event.text);
  }
  assertEquals(texts.join(""), "hello\n");
});

contract("a deadline ends the call on its host", async (lab) => {
  const path = join(lab.folder, "pid");
  const running = resultsOf(lab, {
    call: { module: "sleep", args: { path }, timeoutMs: 1_000 },
    hosts: ["h1"],
  });
  const pid = await readPid(path, running);
  assertEquals((await running)[0]?.status, "timed_out");
  assert(!await isRunning(pid));
});

contract(
  "a cancel ends the call on its host, and the gate lives",
  async (lab) => {
    const path = join(lab.folder, "pid");
    const stop = new AbortController();
    const running = resultsOf(lab, {
      call: { module: "sleep", args: { path } },
      hosts: ["h1"],
    }, stop.signal);
    const pid = await readPid(path, running);
    await untilOpen(lab);
    stop.abort(new DOMException("Interrupted", "AbortError"));
    assertEquals((await running)[0]?.status, "cancelled");
    assert(!await isRunning(pid));
    const [next] = await resultsOf(lab, {
      call: { module: "echo" },
      hosts: ["h1"],
    });
    assertEquals(next?.status, "ok");
  },
);

contract("ending the iteration early cancels the run", async (lab) => {
  const path = join(lab.folder, "pid");
  const task = { call: { module: "sleep", args: { path } }, hosts: ["h1"] };
  const started = Promise.withResolvers<void>();
  const running = (async () => {
    const events = lab.engine.run(task)[Symbol.asyncIterator]();
    await events.next();
    const next = events.next();
    next.catch(() => {}); // the run is ended below
    await started.promise;
    await events.return?.();
  })();
  const pid = await readPid(path, started.promise);
  await untilOpen(lab);
  started.resolve();
  await running;
  assert(!await isRunning(pid));
});
