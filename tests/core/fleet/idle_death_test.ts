// Connections that die while they are idle, unseen by both ends, as when a
// firewall forgets them: the next use of the host opens it again, unless
// something may have started.
import { assertEquals, assertMatch } from "@std/assert";
import { openHostFleet } from "../../../src/core/fleet/host_fleet.ts";
import { collect, run } from "../../../src/core/run/run.ts";
import { startForgetfulProxy } from "../../support/forgetful_proxy.ts";
import { startSshServer } from "../../support/ssh_server.ts";

/** A host behind the proxy, on which one command ran, and its fleet. */
async function createLab() {
  const server = await startSshServer();
  const proxy = startForgetfulProxy(server.port);
  const knownHosts = `${server.folder}/known_hosts`;
  await Deno.writeTextFile(
    knownHosts,
    server.knownHosts.replaceAll(`:${server.port}`, `:${proxy.port}`),
  );
  const fleet = await openHostFleet({
    hosts: [{
      name: "web1",
      groups: [],
      vars: { ansible_host: "127.0.0.1", ansible_port: proxy.port },
    }],
    connection: {
      identityFiles: [server.identityFile],
      knownHostsFiles: [knownHosts],
    },
    ssh: { config: "none", agentSocket: "" },
  });
  return {
    proxy,
    exec: async (...command: string[]) => {
      const { results } = await collect(run(fleet, { command }));
      return results.get("web1")!;
    },
    push: async (src: string, dest: string) => {
      const { results } = await collect(run(fleet, { push: { src, dest } }));
      return results.get("web1")!;
    },
    [Symbol.asyncDispose]: async () => {
      await fleet.close();
      await server.stop();
      await proxy.stop();
    },
  };
}

Deno.test("a host whose connection died while idle is opened again", async () => {
  await using lab = await createLab();
  const first = await lab.exec("echo one");
  assertEquals([first.status, first.error], ["ok", null]);
  lab.proxy.forget();
  const second = await lab.exec("echo two");
  assertEquals([second.status, second.error], ["ok", null]);
  assertEquals(lab.proxy.connections, 2);

  lab.proxy.forget();
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/a`, "x");
  const pushed = await lab.push(`${folder}/a`, `${folder}/b`);
  assertEquals([pushed.status, pushed.error], ["changed", null]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a command that had started is not repeated when its connection dies", async () => {
  await using lab = await createLab();
  await lab.exec("true");
  const file = await Deno.makeTempFile();
  const running = lab.exec(`echo began >>${file}; read -r x; sleep 60`);
  for (let text = ""; text === ""; text = await Deno.readTextFile(file)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  lab.proxy.forget();
  const { status, error } = await Promise.race([
    running,
    // Its next bytes end the connection.
    lab.exec("true").then(() => running),
  ]);
  assertEquals(status, "unreachable");
  assertMatch(error!.message, /may have taken effect|[Ll]ost/);
  assertEquals(await Deno.readTextFile(file), "began\n");
  await Deno.remove(file);
});
