import { assertRejects } from "@std/assert";
import { join } from "@std/path";
import { openHostFleet } from "../../../src/core/fleet/host_fleet.ts";
import { loadHosts } from "../../../src/core/input/load_hosts.ts";
import { collect, run } from "../../../src/core/run/run.ts";
import { SourceError } from "../../../src/errors.ts";

Deno.test("a script that cannot be sent is refused before contact, with the reason", async () => {
  const folder = await Deno.makeTempDir();
  const fleet = await openHostFleet({
    hosts: await loadHosts({ inventory: "here," }),
    connection: { transport: "local" },
    ssh: { config: "none" },
  });
  try {
    const { success } = await new Deno.Command("mkfifo", {
      args: [join(folder, "pipe")],
    }).output();
    const cases: [path: string, why: string][] = [
      [join(folder, "none"), "Could not find or access"],
      [folder, "it is not a file"],
      ...success
        ? [[join(folder, "pipe"), "it is not a file"] as [string, string]]
        : [],
    ];
    for (const [path, why] of cases) {
      const call = { command: [path], script: true as const };
      await assertRejects(() => collect(run(fleet, call)), SourceError, why);
    }
  } finally {
    await fleet.close();
    await Deno.remove(folder, { recursive: true });
  }
});
