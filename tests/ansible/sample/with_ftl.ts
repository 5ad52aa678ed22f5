// Makes the calls of the sample with ftl, on one fleet.
import type { HostResult } from "../../../src/core/call/call.ts";
import { openHostFleet } from "../../../src/core/fleet/host_fleet.ts";
import { collect, run } from "../../../src/core/run/run.ts";
import type { ModuleSources } from "../../../src/gate/sources/library.ts";
import type { JsonObject } from "../../../src/protocol/message.ts";
import { openStore } from "../../../src/store/store.ts";
import type { SampleCall } from "./calls.ts";

/** How many calls are made at once. */
const AT_ONCE = 4;
/** Ends a module that waits for input that never comes. */
const TIMEOUT_MS = 120_000;

/** Returns what each call gave, by host. */
export async function callWithFtl(
  calls: readonly SampleCall[],
  { storeFolder, sources, interpreters }: {
    storeFolder: string;
    sources: ModuleSources;
    /** By host. */
    interpreters: ReadonlyMap<string, string>;
  },
): Promise<Map<string, HostResult>> {
  const fleet = await openHostFleet({
    hosts: calls.map(({ host }) => ({
      name: host,
      groups: [],
      vars: {
        ansible_connection: "local",
        ansible_python_interpreter: interpreters.get(host),
      },
    })),
    store: await openStore(storeFolder),
    sources,
  });
  const results = new Map<string, HostResult>();
  const waiting = [...calls];
  const work = async () => {
    for (let call = waiting.shift(); call; call = waiting.shift()) {
      const { host, module, check, diff } = call;
      const args = call.args as JsonObject;
      const report = await collect(run(
        fleet,
        // The module itself shall refuse what is wrong.
        { module, args, check, diff, forceArgs: true, timeoutMs: TIMEOUT_MS },
        { hosts: [host], keepInvocation: true, keepOpen: false },
      ));
      results.set(host, report.results.get(host)!);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    await fleet.close();
  }
  return results;
}
