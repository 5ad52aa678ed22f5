// What is left on the hosts after the program has ended.
import { join } from "@std/path";
import { collect, loadHosts, openFleet, run } from "../../src/mod.ts";
import type { ChaosFleet } from "./chaos_fleet.ts";
import { descendantsOf } from "../../tests/support/sshd.ts";

/** How long what was running may take to end: longer than any deadline. */
const END_MS = 40_000;

/** Names what is left on the hosts: processes, sessions, files. */
export async function findLeftovers(
  fleet: ChaosFleet,
  modules: readonly string[],
): Promise<string[]> {
  const running = await untilEnded(fleet);
  // A gate that is killed cannot clean up; the next one does that.
  await openGates(fleet, modules);
  const left = await untilEnded(fleet);
  const files: string[] = [];
  for (const { name, home } of fleet.hosts) {
    for (const folder of [".ftl/host/calls", "tmp", "box"]) {
      for (const entry of await namesIn(join(home, folder))) {
        // Pushed files are what the calls were to leave.
        if (!/^c\d+$/.test(entry)) files.push(`${name}: ${folder}/${entry}`);
      }
    }
  }
  return [...running, ...left, ...files];
}

async function untilEnded(fleet: ChaosFleet): Promise<string[]> {
  const until = performance.now() + END_MS;
  for (;;) {
    const processes = (await fleet.openssh.processes())
      .map(({ pid, command }) => `process ${pid}: ${command}`);
    const sessions = await descendantsOf(fleet.openssh.sshd.pid);
    const left = [
      ...processes,
      ...sessions.map((pid) => `session of sshd: ${pid}`),
    ];
    if (left.length === 0 || performance.now() > until) return left;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function openGates(
  fleet: ChaosFleet,
  modules: readonly string[],
): Promise<void> {
  const hosts = await loadHosts({ inventory: fleet.inventory });
  await using opened = await openFleet({
    hosts,
    sources: { dirs: modules },
    store: null,
    connection: {
      knownHostsFiles: [fleet.knownHosts],
      sshConfig: "none",
      agentSocket: "",
    },
  });
  await collect(run(opened, { module: "journal_native" }, {
    argsFor: ({ vars }) => ({ journal: String(vars.journal), id: "last" }),
  }));
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.map(({ name }) => name);
  } catch {
    return []; // the gate of this host had its folder elsewhere
  }
}
