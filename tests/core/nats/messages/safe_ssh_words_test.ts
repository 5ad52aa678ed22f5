import { assertEquals, assertThrows } from "@std/assert";
import { checkSshWords } from "../../../../src/core/nats/messages/safe_ssh_words.ts";
import { InventoryError } from "../../../../src/errors.ts";

Deno.test("checkSshWords() lets pass what only says how to reach a host", () => {
  const safe = [
    ["-p", "2222", "-l", "ann", "-J", "bastion", "-4"],
    ["-o", "ServerAliveInterval=5", "-oCiphers=aes128-ctr"],
    ["-o", "StrictHostKeyChecking=yes", "-o", "HostKeyAlias=web"],
    [],
  ];
  for (const words of safe) {
    assertEquals(checkSshWords("web1", words), undefined);
  }
});

Deno.test("checkSshWords() refuses what uses the worker's machine", () => {
  const unsafe = [
    ["-o", "ProxyCommand=touch /tmp/x"],
    ["-oproxycommand touch /tmp/x"],
    ["-o", "LocalCommand=id"],
    ["-o", "PermitLocalCommand=yes"],
    ["-o", "KnownHostsCommand=/bin/id"],
    ["-o", "PKCS11Provider=/tmp/x.so"],
    ["-o", "SecurityKeyProvider=/tmp/x.so"],
    ["-o", "UserKnownHostsFile=/root/.bashrc"],
    ["-o", "GlobalKnownHostsFile=/tmp/x"],
    ["-o", "StrictHostKeyChecking=accept-new"],
    ["-o", "StrictHostKeyChecking=no"],
    ["-o", "StrictHostKeyChecking=off"],
    ["-o", "ControlPath=/run/master"],
    ["-o", "ControlMaster=auto"],
    ["-S", "/run/master"],
    ["-o", "ForwardAgent=yes"],
    ["-A"],
    ["-o", "IdentityAgent=/run/agent"],
    ["-o", "SendEnv=*"],
    ["-o", "ProxyUseFdpass=yes"],
    ["-F", "/tmp/config"],
    ["-J", "x$(touch /tmp/x)y"],
    ["-o", "ProxyJump=a;b"],
  ];
  for (const words of unsafe) {
    assertThrows(
      () => checkSshWords("web1", words),
      InventoryError,
      "uses nothing of its own machine",
      words.join(" "),
    );
  }
});
