// A hundred hosts by the system's `ssh` in one run: more than this machine can
// shake hands with at once. Only by the task test:fleet.
import { assertEquals } from "@std/assert";
import { openHostFleet } from "../../src/core/fleet/host_fleet.ts";
import { loadHosts } from "../../src/core/input/load_hosts.ts";
import { isThorough, runCommand, troubles } from "../support/fleet/suite.ts";
import { sshdNeed, startOpensshFleet } from "../support/openssh_fleet.ts";

Deno.test({
  name: isThorough
    ? `a hundred hosts are reached by the system's ssh${sshdNeed.suffix}`
    : "a hundred hosts are reached by the system's ssh [only by deno task test:fleet]",
  ignore: sshdNeed.ignore || !isThorough,
  fn: async () => {
    const fleet = await startOpensshFleet({ hosts: 100, sharedHome: true });
    try {
      await using ftl = await openHostFleet({
        hosts: await loadHosts({ inventory: fleet.inventory }),
        connection: {
          transport: "openssh",
          knownHostsFiles: [fleet.knownHosts],
        },
        ssh: { config: "none", agentSocket: "" },
      });
      const report = await runCommand(ftl, "true");
      assertEquals([report.results.size, troubles(report)], [100, []]);
    } finally {
      await fleet.stop();
    }
  },
});
