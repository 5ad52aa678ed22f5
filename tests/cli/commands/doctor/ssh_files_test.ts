// What doctor says about the user's SSH files.
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { Context } from "../../../../src/cli/commands/context.ts";
import { checkSshFiles } from "../../../../src/cli/commands/doctor/ssh_files.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA" +
  "IJ7FM1LJTSGRQwHQ9cFbi3kvVHtmdbnFzl9d7XHXxfRl";

Deno.test("doctor reads the files of host keys that ssh_config names", async () => {
  const home = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(home, ".ssh"));
    await Deno.writeTextFile(join(home, "keys"), `web1 ${KEY}\n`);
    await Deno.writeTextFile(join(home, "other keys"), `web2 ${KEY}\n`);
    const config = join(home, "config");
    const check = async (text: string) => {
      await Deno.writeTextFile(config, text);
      const env = (name: string) => name === "HOME" ? home : undefined;
      const context = { env } as unknown as Context;
      const checks = await checkSshFiles({ sshConfig: config }, context);
      return checks.find(({ name }) => name === "known_hosts")!;
    };
    const none = await check("Port 22\n");
    const file = "UserKnownHostsFile ~/keys";
    const host = 'Host web2\n  GlobalKnownHostsFile "%d/other keys" none\n';
    const { verdict, found } = await check(`${file}\n${host}`);
    if (none.verdict !== "warn") return; // this machine knows keys for all users
    assertEquals(none.found, "No host key is known");
    assertEquals(verdict, "ok");
    const paths = [join(home, "keys"), join(home, "other keys")];
    assertEquals(found, `${paths.join(", ")}: 2 keys`);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
