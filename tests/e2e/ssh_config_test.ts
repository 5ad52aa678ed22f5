// Hosts that are reachable only with an ssh_config file.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { createAccount } from "../support/ftl.ts";
import { sshdNeed, startSshd } from "../support/sshd.ts";

Deno.test({
  name:
    `ftl exec uses the ProxyJump of ~/.ssh/config, unless --ssh-config names another file${sshdNeed.suffix}`,
  ignore: sshdNeed.ignore,
  fn: async () => {
    await using account = await createAccount();
    const [bastion, inner] = await Promise.all([startSshd(), startSshd()]);
    try {
      const folder = join(account.home, ".ssh");
      await Deno.mkdir(folder);
      await Deno.writeTextFile(
        join(folder, "known_hosts"),
        [bastion, inner].map(({ port, hostKey }) =>
          `[127.0.0.1]:${port} ${hostKey}\n`
        ).join(""),
      );
      await Deno.writeTextFile(
        join(folder, "config"),
        `Host inner
  HostName 127.0.0.1
  Port ${inner.port}
  User ${inner.user}
  IdentityFile ${inner.identityFile}
  ProxyJump gate
Host gate
  HostName 127.0.0.1
  Port ${bastion.port}
  User ${bastion.user}
  IdentityFile ${bastion.identityFile}
Host *
  ForwardAgent yes
`,
      );
      const exec = ["exec", "-i", "inner,", "-v"];
      const words = ["--", "echo", "arrived"];
      const through = await account.ftl([...exec, ...words]);
      assertEquals(through.code, 0, through.stderr);
      assertStringIncludes(through.stdout, "arrived");
      assertStringIncludes(
        through.stderr,
        `ignored: forwardagent of ${join(folder, "config")}:13`,
      );
      assertStringIncludes(bastion.log(), "Accepted publickey");

      const without = await account.ftl(
        [...exec, "--ssh-config", "none", ...words],
      );
      assertEquals(without.code, 3, without.stderr);
    } finally {
      await Promise.all([bastion.stop(), inner.stop()]);
    }
  },
});
