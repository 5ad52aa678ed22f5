// Opens a gate on the first 50 hosts, then on all hosts of an inventory, and prints
// the resident memory each time. Run it with --v8-flags=--expose-gc.
//
//   gates.ts INVENTORY KNOWN_HOSTS MODULES
import { collect, loadHosts, openFleet, run } from "../../src/mod.ts";

async function main(args: readonly string[]): Promise<void> {
  const [inventory, knownHosts, modules] = args as [string, string, string];
  const hosts = await loadHosts({ inventory });
  await using fleet = await openFleet({
    hosts,
    sources: { dirs: [modules] },
    connection: { knownHostsFiles: [knownHosts] },
  });
  const call = { module: "timetest", args: {} };
  const names = hosts.slice(0, 50).map((host) => host.name);
  await collect(run(fleet, call, { hosts: names }));
  const some = await residentBytes();
  await collect(run(fleet, call));
  const all = await residentBytes();
  Deno.stdout.writeSync(
    new TextEncoder().encode(JSON.stringify({ some, all }) + "\n"),
  );
}

async function residentBytes(): Promise<number> {
  const { gc } = globalThis as { gc?: () => void };
  for (let i = 0; i < 5; i++) {
    gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return Deno.memoryUsage().rss;
}

if (import.meta.main) main(Deno.args);
