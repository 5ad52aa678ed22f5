// Thousands of calls in one session, with clients and gates that are killed in
// between: every call has one result, and nothing grows. FTL_TEST_CALLS sets how
// many calls; 100 000 take the better part of an hour.
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  type HostFleet,
  openHostFleet,
} from "../../../src/core/fleet/host_fleet.ts";
import { run } from "../../../src/core/run/run.ts";
import type { SessionStatus } from "../../../src/core/session/session_messages.ts";
import {
  type OpensshFleet,
  sshdNeed,
  startOpensshFleet,
} from "../../support/openssh_fleet.ts";
import { SessionLab } from "../../support/session_lab.ts";

const CALLS = Number(Deno.env.get("FTL_TEST_CALLS") ?? 2_000);
const HOSTS = CALLS > 10_000 ? 50 : 5;

/** How many calls a client makes before it leaves or is killed. */
const PER_CLIENT = 40 * HOSTS;

/** A fleet of a new client. */
async function openClient(
  { lab, fleet, modules }: {
    lab: SessionLab;
    fleet: OpensshFleet;
    modules: string;
  },
): Promise<HostFleet> {
  const { sshd, hosts, knownHosts } = fleet;
  return await openHostFleet({
    hosts: hosts.map(({ name, address }) => ({
      name,
      groups: [],
      vars: {
        ansible_host: address,
        ansible_port: sshd.port,
        ansible_user: sshd.user,
        ansible_ssh_private_key_file: sshd.identityFile,
      },
    })),
    sources: { dirs: [modules] },
    connection: { knownHostsFiles: [knownHosts] },
    ssh: { config: "none", agentSocket: "" },
    sessions: await lab.pool(),
  });
}

/** Calls a module on all hosts; resolves to the results by status. */
async function callAll(
  client: HostFleet,
  module: string,
): Promise<Map<string, number>> {
  const statuses = new Map<string, number>();
  const seen = new Set<string>();
  for await (const event of run(client, { module })) {
    if (event.event !== "result") continue;
    assert(!seen.has(event.host), `${event.host} has two results`);
    seen.add(event.host);
    statuses.set(event.status, (statuses.get(event.status) ?? 0) + 1);
  }
  assertEquals(seen.size, HOSTS);
  return statuses;
}

/**
 * How many sockets lead to the hosts, and from the session to its clients. Other tests
 * share this process, so its descriptors are not only those of this test.
 */
async function countSockets(
  { port, socket }: { port: number; socket: string },
): Promise<number> {
  const read = async (name: string) =>
    (await Deno.readTextFile(`/proc/net/${name}`)).split("\n");
  const remote = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const toHosts = (await read("tcp")).filter((line) =>
    line.trim().split(/\s+/)[2]?.endsWith(remote)
  );
  const toClients = (await read("unix")).filter((line) =>
    line.endsWith(socket)
  );
  return toHosts.length + toClients.length;
}

Deno.test({
  name: `${CALLS} calls in a session lose nothing, and nothing grows` +
    sshdNeed.suffix,
  ignore: sshdNeed.ignore,
  fn: async () => {
    const fleet = await startOpensshFleet({ hosts: HOSTS });
    const modules = await Deno.makeTempDir({ prefix: "ftl-endurance-" });
    await Deno.writeTextFile(
      join(modules, "echo.py"),
      "def main():\n    return {'ok': True}\n",
    );
    await Deno.writeTextFile(
      join(modules, "kill_gate.py"),
      "import os, signal\ndef main():\n    os.kill(os.getppid(), signal.SIGKILL)\n",
    );
    try {
      await using lab = await SessionLab.start();
      const status = async () => {
        const client = await lab.client();
        const found = await client.ask<SessionStatus>("Status", {});
        client.close();
        return found;
      };
      const sockets = () =>
        countSockets({ port: fleet.sshd.port, socket: lab.place.socket });
      let atFirst: { sockets: number; memory: number } | undefined;
      for (let made = 0; made < CALLS;) {
        const client = await openClient({ lab, fleet, modules });
        for (let own = 0; own < PER_CLIENT; own += HOSTS, made += HOSTS) {
          assertEquals([...await callAll(client, "echo")], [["ok", HOSTS]]);
        }
        const lost = await callAll(client, "kill_gate");
        assertEquals([...lost], [["unreachable", HOSTS]]);
        await client.close();
        // After some rounds, everything that is made once has been made.
        if (made < CALLS / 3) continue;
        const now = {
          sockets: await sockets(),
          memory: (await status()).memoryBytes,
        };
        atFirst ??= now;
        assert(now.sockets <= atFirst.sockets + 5, `${now.sockets} sockets`);
        assert(now.memory < atFirst.memory * 1.5, `${now.memory} bytes`);
      }
      const { hosts, clients, calls } = await status();
      assertEquals([hosts.length, clients], [HOSTS, 0]);
      assert(calls >= CALLS);
      const gates = (await fleet.processes())
        .filter(({ command }) => /python/.test(command));
      assert(gates.length <= HOSTS, `${gates.length} processes of gates`);
    } finally {
      await fleet.stop();
      await Deno.remove(modules, { recursive: true });
    }
  },
});
