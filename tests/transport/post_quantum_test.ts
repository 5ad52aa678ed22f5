import { assertEquals } from "@std/assert";
import { isPostQuantum } from "../../src/transport/post_quantum.ts";

Deno.test("isPostQuantum() judges one key exchange, and lists of them", () => {
  for (
    const names of [
      "mlkem768x25519-sha256",
      "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com",
      "mlkem768nistp256-sha256,ext-info-s,kex-strict-s-v00@openssh.com",
    ]
  ) assertEquals(isPostQuantum(names), true, names);
  for (
    const names of [
      "curve25519-sha256",
      "mlkem768x25519-sha256,ecdh-sha2-nistp256",
    ]
  ) assertEquals(isPostQuantum(names), false, names);
});
