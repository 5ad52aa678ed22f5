import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { openHostFleet } from "../../../src/core/fleet/host_fleet.ts";
import {
  inspectHost,
  type Inspection,
} from "../../../src/core/inspect/inspect_host.ts";
import {
  runInShell,
  type SshServerOptions,
  startSshServer,
} from "../../support/ssh_server.ts";

/** Inspects a host that may take this long to start a command. */
async function inspect(
  options: SshServerOptions,
  { startMs, signal = new AbortController().signal }: {
    startMs: number;
    signal?: AbortSignal;
  },
): Promise<Inspection> {
  const server = await startSshServer(options);
  const knownHosts = join(server.folder, "known_hosts");
  await Deno.writeTextFile(knownHosts, server.knownHosts);
  const host = {
    name: "web1",
    groups: [],
    vars: { ansible_host: "127.0.0.1", ansible_connection: "ssh" },
  };
  const fleet = await openHostFleet({
    hosts: [host],
    connection: {
      port: server.port,
      user: "deploy",
      identityFiles: [server.identityFile],
      knownHostsFiles: [knownHosts],
    },
    ssh: { config: "none", agentSocket: "", home: server.folder, startMs },
  });
  try {
    return await inspectHost(fleet, host, { signal });
  } finally {
    await fleet.close();
    await server.stop();
  }
}

Deno.test("inspectHost() gives up on a host that never answers an exec", async () => {
  const { error, shell, gate } = await inspect(
    { ignoresExec: true },
    { startMs: 300 },
  );
  assertEquals([error?.phase, shell, gate], ["start", undefined, undefined]);
  assertStringIncludes(error!.message, "it did not answer within 0.3 s");
});

Deno.test("inspectHost() ends with its signal while a gate does not open", async () => {
  const abort = new AbortController();
  let cancelledAt = Infinity;
  const server: SshServerOptions = {
    run: (command, channel) => {
      if (!/python/.test(command)) return void runInShell(command, channel);
      cancelledAt = performance.now();
      abort.abort(new Error("enough"));
    },
  };
  await assertRejects(
    () => inspect(server, { startMs: 60_000, signal: abort.signal }),
    Error,
    "enough",
  );
  const ms = performance.now() - cancelledAt;
  assert(ms < 2_000, `it took ${ms} ms`);
});
