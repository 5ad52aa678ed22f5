import { assert, assertEquals } from "@std/assert";
import { countRekeys, LOG_NEW_KEYS } from "../../../scripts/soak/rekeys.ts";
import { sshdNeed, startSshd } from "../../support/sshd.ts";
import { needProgram } from "../../support/need.ts";

const ssh = needProgram("ssh");

Deno.test({
  name: `countRekeys() counts what sshd logs of new keys on an open connection${
    ssh.suffix + sshdNeed.suffix
  }`,
  ignore: ssh.ignore || sshdNeed.ignore,
  async fn() {
    const sshd = await startSshd({ config: ["RekeyLimit 256K", LOG_NEW_KEYS] });
    const print = async (bytes: number) => {
      const { success } = await new Deno.Command(ssh.path, {
        args: [
          ...["-F", "/dev/null", "-i", sshd.identityFile],
          ...["-o", "StrictHostKeyChecking=no"],
          ...["-o", "UserKnownHostsFile=/dev/null"],
          ...["-o", "KexAlgorithms=curve25519-sha256"],
          ...["-p", String(sshd.port), `${sshd.user}@127.0.0.1`],
          `head -c ${bytes} /dev/zero`,
        ],
        stdin: "null",
        stderr: "null",
      }).output();
      assert(success);
    };
    try {
      await print(10);
      assertEquals(countRekeys(sshd.log()), 0);
      await print(400_000);
    } finally {
      await sshd.stop(); // its log is whole then
    }
    assert(countRekeys(sshd.log()) > 0);
  },
});
