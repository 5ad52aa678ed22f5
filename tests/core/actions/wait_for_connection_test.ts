// wait_for_connection on a host that lets us in and runs nothing.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import type { HostResult } from "../../../src/core/call/call.ts";
import { openHostFleet } from "../../../src/core/fleet/host_fleet.ts";
import { collect, run } from "../../../src/core/run/run.ts";
import type { JsonObject } from "../../../src/protocol/message.ts";
import { startSshServer } from "../../support/ssh_server.ts";

/** Waits for the host; `cancelMs`: and is cancelled after that. */
async function waitFor(
  args: JsonObject,
  cancelMs?: number,
): Promise<{ result: HostResult; ms: number }> {
  const server = await startSshServer({ ignoresExec: true });
  const knownHosts = join(server.folder, "known_hosts");
  await Deno.writeTextFile(knownHosts, server.knownHosts);
  const fleet = await openHostFleet({
    hosts: [{
      name: "web1",
      groups: [],
      vars: { ansible_host: "127.0.0.1", ansible_connection: "ssh" },
    }],
    sources: { dirs: [] },
    connection: {
      port: server.port,
      user: "deploy",
      identityFiles: [server.identityFile],
      knownHostsFiles: [knownHosts],
    },
    ssh: { config: "none", agentSocket: "", home: server.folder },
  });
  const signal = cancelMs === undefined
    ? undefined
    : AbortSignal.timeout(cancelMs);
  const began = performance.now();
  try {
    const { results } = await collect(
      run(fleet, { module: "wait_for_connection", args }, { signal }),
    );
    await fleet.close();
    return { result: results.get("web1")!, ms: performance.now() - began };
  } finally {
    await fleet.close();
    await server.stop();
  }
}

Deno.test("wait_for_connection gives up on a host that runs no commands", async () => {
  const { result } = await waitFor({
    timeout: 0.5,
    connect_timeout: 0.4,
    sleep: 0.1,
  });
  assertEquals(result.status, "failed", result.error?.message);
  const { msg } = result.result as { msg: string };
  assertMatch(msg, /^timed out waiting for ping module test/);
});

Deno.test("wait_for_connection ends with a cancel at every wait", async () => {
  for (const args of [{ connect_timeout: 60 }, { delay: 60 }]) {
    const { result, ms } = await waitFor(args, 500);
    assertEquals(result.status, "cancelled", JSON.stringify(result));
    assert(ms < 2_500, `it took ${ms} ms`);
  }
});

Deno.test("wait_for_connection refuses times that are not numbers of seconds", async () => {
  for (const args of [{ timeout: "long" }, { sleep: -1 }, { delay: 1e300 }]) {
    const { result } = await waitFor(args);
    assertEquals(result.status, "failed");
    const { msg } = result.result as { msg: string };
    assertMatch(msg, /is not a number of seconds/);
  }
});
