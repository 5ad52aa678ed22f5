// A call that is cancelled after the host got it, and before the host reported anything:
// its result must not say that the call never began.
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { spawn } from "node:child_process";
import {
  type Call,
  collect,
  type Fleet,
  openFleet,
  run,
  type RunReport,
} from "../../../src/mod.ts";
import { type SshServer, startSshServer } from "../../support/ssh_server.ts";

/** A fleet of one host, with a module that makes a file. */
async function openFleetOf(
  server: SshServer,
  folder: string,
): Promise<Fleet> {
  await Deno.writeTextFile(
    join(folder, "mark.py"),
    "def main(path):\n    open(path, 'w').close()\n",
  );
  const knownHosts = join(folder, "known_hosts");
  await Deno.writeTextFile(knownHosts, server.knownHosts);
  const vars = { ansible_host: "127.0.0.1", ansible_port: server.port };
  return await openFleet({
    hosts: [{ name: "web1", groups: [], vars }],
    sources: { dirs: [folder] },
    store: null,
    connection: {
      user: "deploy",
      identityFiles: [server.identityFile],
      knownHostsFiles: [knownHosts],
      sshConfig: "none",
      agentSocket: "",
    },
  });
}

/** Makes a call on a host whose output never arrives, and cancels it when it runs. */
async function cancelWhenRunning(
  callFor: (marker: string) => Call,
): Promise<RunReport> {
  const server = await startSshServer({
    run: (command, channel) => {
      const child = spawn("/bin/sh", ["-c", command], {
        stdio: ["pipe", "ignore", "ignore"],
      });
      channel.pipe(child.stdin);
      child.stdin.on("error", () => {}); // it may end first
      channel.on("close", () => child.kill());
    },
  });
  const folder = await Deno.makeTempDir();
  try {
    const marker = join(folder, "marker");
    await using fleet = await openFleetOf(server, folder);
    const stop = new AbortController();
    const report = collect(
      run(fleet, callFor(marker), { signal: stop.signal }),
    );
    while (!await Deno.stat(marker).then(() => true, () => false)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    stop.abort();
    return await report;
  } finally {
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

const CALLS: readonly [string, (marker: string) => Call][] = [
  ["module", (path) => ({ module: "mark", args: { path } })],
  ["shell command", (path) => ({ command: [`touch ${path}; sleep 60`] })],
];

for (const [what, callFor] of CALLS) {
  Deno.test(`a cancelled ${what} that a silent host has may have taken effect`, async () => {
    const { results } = await cancelWhenRunning(callFor);
    const { status, error } = results.get("web1")!;
    assertEquals(status, "cancelled");
    assertMatch(error!.message, /may have taken effect/);
  });
}
