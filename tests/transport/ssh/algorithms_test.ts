import { assertEquals } from "@std/assert";
import {
  cipherList,
  hostKeyList,
} from "../../../src/transport/ssh/algorithms.ts";

Deno.test("cipherList() puts chacha20 first", () => {
  assertEquals(cipherList()[0], "chacha20-poly1305@openssh.com");
});

Deno.test("cipherList() offers only what the runtime has", () => {
  assertEquals(cipherList(["aes-256-ctr", "aes-128-gcm", "des"]), [
    "aes128-gcm@openssh.com",
    "aes256-ctr",
  ]);
});

Deno.test("hostKeyList() asks for the known types first", () => {
  assertEquals(hostKeyList(["ssh-rsa", "ecdsa-sha2-nistp384", "ssh-dss"]), [
    "ecdsa-sha2-nistp384",
    "rsa-sha2-512",
    "rsa-sha2-256",
    "ssh-rsa",
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp521",
  ]);
});
