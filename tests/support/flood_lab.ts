// Fifty good hosts beside hosts that attack, in one run of this process; their
// servers are two processes of their own.
import { fromFileUrl, join } from "@std/path";
import type { HostResult } from "../../src/core/call/call.ts";
import { openHostFleet } from "../../src/core/fleet/host_fleet.ts";
import { loadHosts } from "../../src/core/input/load_hosts.ts";
import { collect, run } from "../../src/core/run/run.ts";
import { watchLoop } from "./loop.ts";

const GOOD = 50;

/** Where a server is. */
export interface Server {
  /** Of its attack; empty when it is a good one. */
  readonly name: string;
  readonly port: number;
  readonly knownHosts: string;
  readonly identityFile: string;
}

/** The result of a run with attackers. */
export interface FloodOutcome {
  /** By the name of the attack. */
  readonly attackers: ReadonlyMap<string, HostResult>;
  readonly good: readonly HostResult[];
  /** The longest turn of the event loop, in CPU time. */
  readonly longestMs: number;
  /** By how much resident memory grew at most, in bytes. */
  readonly grown: number;
}

/** Runs a command on the good hosts and on the attackers at once. */
export async function runBeside(
  attacks: readonly string[],
  { command = "sleep 2; echo ok", timeoutMs = 120_000, stream = false } = {},
): Promise<FloodOutcome> {
  await using good = await startServers([]);
  await using bad = await startServers(attacks);
  await using folder = await makeFolder(good.servers[0]!, bad.servers);
  const names = Array.from({ length: GOOD }, (_, i) => `good${i}`);
  const attackers = attacks.map((_, i) => `attacker${i}`);
  const fleet = await openHostFleet({
    hosts: await loadHosts({
      inventory: [...attackers, ...names, ""].join(","),
    }),
    connection: {
      user: "deploy",
      knownHostsFiles: [folder.knownHosts],
      connectTimeoutMs: 120_000,
    },
    ssh: { config: folder.config, agentSocket: "" },
  });
  const watch = watchProcess();
  try {
    const { results } = await collect(run(fleet, {
      command: [command],
      timeoutMs,
      stream,
    }));
    return {
      attackers: new Map(
        attacks.map((attack, i) => [attack, results.get(attackers[i]!)!]),
      ),
      good: names.map((name) => results.get(name)!),
      ...watch.stop(),
    };
  } finally {
    watch.stop();
    await fleet.close();
  }
}

/** Starts one server for each attack, or one good one. */
export async function startServers(attacks: readonly string[]) {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check"],
      fromFileUrl(new URL("flood_server.ts", import.meta.url)),
      ...attacks,
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream())
    .getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) throw new Error("The servers ended before they listened");
    text += value;
  }
  return {
    servers: JSON.parse(text) as Server[],
    async [Symbol.asyncDispose]() {
      await process.stdin.close();
      await reader.cancel();
      await process.status;
    },
  };
}

/** What the controller has to know of the servers, in files. */
async function makeFolder(good: Server, bad: readonly Server[]) {
  const folder = await Deno.makeTempDir({ prefix: "ftl-flood-" });
  const knownHosts = join(folder, "known_hosts");
  const config = join(folder, "config");
  const all = [good, ...bad];
  const host = (pattern: string, { port, identityFile }: Server) =>
    `Host ${pattern}\n  HostName 127.0.0.1\n  Port ${port}\n` +
    `  IdentityFile ${identityFile}\n`;
  const blocks = bad.map((server, i) => host(`attacker${i}`, server));
  await Deno.writeTextFile(
    knownHosts,
    all.map((server) => server.knownHosts).join(""),
  );
  await Deno.writeTextFile(config, host("good*", good) + blocks.join(""));
  return {
    knownHosts,
    config,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

function watchProcess() {
  const before = Deno.memoryUsage().rss;
  const loop = watchLoop();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, Deno.memoryUsage().rss);
  }, 10);
  return {
    stop: () => {
      clearInterval(timer);
      return { longestMs: loop.stop(), grown: most - before };
    },
  };
}
