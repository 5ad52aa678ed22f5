import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { HostFleet } from "../../../src/core/fleet/host_fleet.ts";
import { collect, run } from "../../../src/core/run/run.ts";
import { InventoryError } from "../../../src/errors.ts";
import { buildGate } from "../../../src/gate/archive/build_gate.ts";
import { openStore } from "../../../src/store/store.ts";
import { isRunning, Site } from "../local_fleet.ts";

async function statuses(fleet: HostFleet, module: string): Promise<string[]> {
  const { results } = await collect(run(fleet, { module, args: {} }));
  return [...results.values()].map(({ status }) => status);
}

Deno.test("a fleet refuses a host with invalid variables", async () => {
  await using site = await Site.make();
  const host = await site.host("a", { ansible_port: "none" });
  const fleet = await site.open([host]);
  await assertRejects(
    () => statuses(fleet, "echo"),
    InventoryError,
    "ansible_port",
  );
  await assertRejects(() => site.open([], { fanout: 0 }), RangeError);
});

Deno.test("a fleet has no more hosts open than its fanout", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(6), { fanout: 2 });
  const call = { module: "echo", args: {} };
  let most = 0;
  for await (const { event } of run(fleet, call)) {
    if (event === "result") most = Math.max(most, fleet.gates.size);
  }
  assert(most <= 2, String(most));
  assertEquals(fleet.gates.size, 2);
  // A host that was closed opens again, and its gate is still on its disk.
  assertEquals(await statuses(fleet, "echo"), Array(6).fill("ok"));
});

Deno.test("runs that start at once share a host's connection, which the fleet closes", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(1));
  const gateOf = async () => {
    const { results } = await collect(run(fleet, { module: "gate", args: {} }));
    const [result] = results.values();
    return (result?.result as { pid: number }).pid;
  };
  const pids = await Promise.all([gateOf(), gateOf(), gateOf()]);
  assertEquals(new Set(pids).size, 1, String(pids));
  await fleet.close();
  await assertRejects(gateOf);
  assertEquals(await isRunning(pids[0]!), false);
});

Deno.test("a fleet with a store sends nothing to hosts that have everything", async () => {
  await using site = await Site.make();
  const home = `${site.folder}/store`;
  const hosts = await site.hosts(2);
  const first = await site.open(hosts, { store: await openStore(home) });
  assertEquals(await statuses(first, "echo"), ["ok", "ok"]);
  await first.close();
  const second = await site.open(hosts, { store: await openStore(home) });
  assertEquals(await statuses(second, "echo"), ["ok", "ok"]);
  const { bytesSent, gatesSent, packsSent } = second.traffic;
  assertEquals([gatesSent, packsSent], [0, 0]);
  assert(bytesSent < 2 * 8192, String(bytesSent));
  assertEquals((await second.archive()).built, false);
});

Deno.test("a fleet sends what a host has lost since the last run", async () => {
  await using site = await Site.make();
  const home = `${site.folder}/store`;
  const hosts = await site.hosts(1);
  // Its own gate: another one may be in a folder outside of HOME.
  await site.write("modules/unique.py", `def main(): "${site.folder}"\n`);
  const gate = await buildGate(
    { modules: ["unique"], dirs: [site.modules] },
    {},
  );
  const options = { gate, store: await openStore(home) };
  const first = await site.open(hosts, options);
  await statuses(first, "echo");
  await first.close();
  await Deno.remove(`${site.folder}/home-h1/.ftl`, { recursive: true });
  const second = await site.open(hosts, {
    gate,
    store: await openStore(home),
  });
  assertEquals(await statuses(second, "echo"), ["ok"]);
  const { gatesSent, packsSent } = second.traffic;
  assertEquals([gatesSent, packsSent], [1, 1]);
});

Deno.test("a fleet sends only the module that was edited", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(1));
  await statuses(fleet, "echo");
  await site.write(
    "modules/echo.py",
    "def main(**args):\n    return {'v': 2}\n",
  );
  const { results } = await collect(run(fleet, { module: "echo", args: {} }));
  assertEquals(results.get("h1")!.result, { v: 2 });
  const { gatesSent, packsSent } = fleet.traffic;
  assertEquals([gatesSent, packsSent], [1, 2]);
});

Deno.test("a fleet with a built gate sends no pack for its modules", async () => {
  await using site = await Site.make();
  const gate = await buildGate(
    { modules: ["echo"], dirs: [site.modules] },
    {},
  );
  const fleet = await site.open(await site.hosts(1), { gate });
  assertEquals(await statuses(fleet, "echo"), ["ok"]);
  assertEquals(fleet.traffic.packsSent, 0);
  assertEquals(await statuses(fleet, "gate"), ["ok"]);
  assertEquals(fleet.traffic.packsSent, 1);
});

Deno.test("hosts that share one HOME share what is in it", async () => {
  await using site = await Site.make();
  const host = await site.host("a");
  const hosts = ["b", "c", "d", "e"].map((name) => ({ ...host, name }));
  const fleet = await site.open(hosts);
  assertEquals(await statuses(fleet, "echo"), Array(4).fill("ok"));
  const folders = new Set<string>();
  for (const { opened } of fleet.gates.values()) {
    folders.add((await opened).hello.folder!);
  }
  assertEquals(folders.size, 1);
});

Deno.test("a closed fleet has ended its gates, and cannot be used", async () => {
  await using site = await Site.make();
  const fleet = await site.open(await site.hosts(2));
  await statuses(fleet, "echo");
  const pids = await Promise.all(
    [...fleet.gates.values()].map(async ({ opened }) =>
      (await opened).hello.pid
    ),
  );
  assertEquals(pids.length, 2);
  await fleet.close();
  await fleet.close();
  for (const pid of pids) assertEquals(await isRunning(pid), false);
  assertEquals(await statuses(fleet, "echo"), ["failed", "failed"]);
});

Deno.test("a fleet retries unreachable hosts", async () => {
  await using site = await Site.make();
  const server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = server.addr as Deno.NetAddr;
  const accepted: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of server) accepted.push(connection);
  })();
  const host = {
    name: "web",
    groups: [],
    vars: { ansible_host: "127.0.0.1", ansible_port: port },
  };
  const fleet = await site.open([host], {
    retries: 1,
    ssh: { connectTimeoutMs: 200, agentSocket: "" },
  });
  assertEquals(await statuses(fleet, "echo"), ["unreachable"]);
  server.close();
  await accepting;
  assertEquals(accepted.length, 2);
  for (const connection of accepted) connection.close();
});

Deno.test("a fleet knows its hosts only", async () => {
  await using site = await Site.make();
  const fleet = await site.open([]);
  const { results } = await collect(run(fleet, { module: "echo", args: {} }));
  assertEquals(results.size, 0);
  assertThrows(() => fleet.fanout = 0, RangeError);
});

Deno.test("a host with many packs is not sent its gate again", async () => {
  await using site = await Site.make();
  const hosts = await site.hosts(1);
  const home = `${site.folder}/store`;
  const first = await site.open(hosts, { store: await openStore(home) });
  for (let i = 0; i < 20; i++) {
    const text = `def main(): return {"i": ${i}}\n`;
    await site.write(`modules/many${i}.py`, text);
    await statuses(first, `many${i}`);
  }
  await first.close();
  const second = await site.open(hosts, { store: await openStore(home) });
  assertEquals(await statuses(second, "many19"), ["ok"]);
  assertEquals(second.traffic.gatesSent, 0);
});
