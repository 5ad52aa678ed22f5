import { assertEquals } from "@std/assert";
import {
  choose,
  cipherList,
  hostKeyList,
  offeredAlgorithms,
} from "../../../../src/transport/ssh/connection/algorithms.ts";

Deno.test("cipherList() puts chacha20 first, and CTR before GCM", () => {
  assertEquals(cipherList()[0], "chacha20-poly1305@openssh.com");
  const modes = cipherList().slice(1).map((name) => /ctr|gcm/.exec(name)?.[0]);
  assertEquals(modes, ["ctr", "ctr", "ctr", "gcm", "gcm"]);
});

Deno.test("cipherList() offers only ciphers of the runtime", () => {
  assertEquals(cipherList(["aes-256-ctr", "aes-128-gcm", "des"]), [
    "aes256-ctr",
    "aes128-gcm@openssh.com",
  ]);
});

Deno.test("hostKeyList() asks for the known types first", () => {
  assertEquals(hostKeyList(["ssh-rsa", "ecdsa-sha2-nistp384", "ssh-dss"]), [
    "ecdsa-sha2-nistp384",
    "rsa-sha2-512",
    "rsa-sha2-256",
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp521",
  ]);
});

Deno.test("choose() reads lists as ssh_config writes them", () => {
  const lists = { offered: ["a", "b", "c"], possible: ["a", "b", "c", "old"] };
  const cases: [string | undefined, string][] = [
    [undefined, "a b c"],
    ["c,a", "c a"],
    ["+old,a", "a b c old"],
    ["-b", "a c"],
    ["^c", "c a b"],
    ["-*", "a b c"], // nothing would be left to offer
    ["unheard-of", "a b c"],
    ["unheard-of,b", "b"],
    ["?", "a b c"],
  ];
  for (const [list, expected] of cases) {
    assertEquals(choose(list, lists).join(" "), expected, list ?? "none");
  }
});

Deno.test("group exchanges and SHA-1 are offered only on request", () => {
  const { kex, serverHostKey } = offeredAlgorithms([]);
  assertEquals(kex, [
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "diffie-hellman-group14-sha256",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group18-sha512",
  ]);
  assertEquals(namesIn(serverHostKey).includes("ssh-rsa"), false);
  const wanted = offeredAlgorithms([], {
    kex: "+diffie-hellman-group-exchange-*",
    hostKeys: "^ssh-rsa",
  });
  assertEquals(namesIn(wanted.kex).slice(-2), [
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group-exchange-sha1",
  ]);
  assertEquals(namesIn(wanted.serverHostKey)[0], "ssh-rsa");
});

Deno.test("algorithms that cannot work are not offered, even on request", () => {
  const { kex, serverHostKey, compress } = offeredAlgorithms([], {
    kex: "+ecdh-sha2-nistp521",
    hostKeys: "+ssh-dss",
  });
  assertEquals(namesIn(kex).includes("ecdh-sha2-nistp521"), false);
  assertEquals(namesIn(serverHostKey).includes("ssh-dss"), false);
  assertEquals(compress, ["none"]);
});

function namesIn(list: unknown): string[] {
  return String(list).split(",");
}
