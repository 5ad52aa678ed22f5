import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { openFleet } from "../../../src/core/fleet.ts";
import { inspectHost } from "../../../src/core/reach/inspect.ts";
import { startSshServer } from "../../support/ssh_server.ts";

Deno.test("inspectHost() gives up a host that never answers an exec", async () => {
  const server = await startSshServer({ ignoresExec: true });
  const knownHosts = join(server.folder, "known_hosts");
  await Deno.writeTextFile(knownHosts, server.knownHosts);
  const host = {
    name: "web1",
    groups: [],
    vars: { ansible_host: "127.0.0.1", ansible_connection: "ssh" },
  };
  const fleet = await openFleet({
    hosts: [host],
    connection: {
      port: server.port,
      user: "deploy",
      identityFiles: [server.identityFile],
      knownHostsFiles: [knownHosts],
    },
    ssh: {
      config: "none",
      agentSocket: "",
      home: server.folder,
      startMs: 300,
    },
  });
  try {
    const { error, shell, gate } = await inspectHost(fleet, host, {
      signal: new AbortController().signal,
    });
    assertEquals([error?.phase, shell, gate], ["start", undefined, undefined]);
    assertStringIncludes(error!.message, "it has not answered for 0.3 s");
  } finally {
    await fleet.close();
    await server.stop();
  }
});
