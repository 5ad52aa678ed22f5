import { assertEquals, assertRejects } from "@std/assert";
import { sshdNeed, startOpensshFleet } from "./openssh_fleet.ts";

Deno.test({
  name:
    `a fleet answers for every address, each with its HOME${sshdNeed.suffix}`,
  ignore: sshdNeed.ignore,
  fn: async () => {
    const fleet = await startOpensshFleet({ hosts: 3 });
    try {
      for (const host of fleet.hosts) {
        const { stdout } = await new Deno.Command("ssh", {
          args: [
            ...["-F", "none", "-i", fleet.sshd.identityFile],
            ...["-o", `UserKnownHostsFile=${fleet.knownHosts}`],
            ...["-o", "StrictHostKeyChecking=yes"],
            ...["-p", String(fleet.sshd.port), host.address, "echo $HOME"],
          ],
          stdin: "null",
        }).output();
        assertEquals(new TextDecoder().decode(stdout), `${host.home}\n`);
      }
    } finally {
      await fleet.stop();
    }
    await assertRejects(() => Deno.stat(fleet.sshd.folder));
  },
});
