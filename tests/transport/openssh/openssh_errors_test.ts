import { assertEquals } from "@std/assert";
import { startFailure } from "../../../src/transport/openssh/openssh_errors.ts";
import type { Endpoint } from "../../../src/transport/transport.ts";

const endpoint: Endpoint = {
  name: "web1",
  transport: "openssh",
  address: "127.0.0.1",
  port: 22,
  user: "deploy",
  identityFiles: [],
};
const printed = ["Connection closed by 127.0.0.1 port 22"];

Deno.test("a host that hangs up during the login has refused no key", () => {
  const accepts = "SHA256:abc";
  const log = [
    `Offering public key: /k1 ED25519 ${accepts} explicit`,
    `Offering public key: /k2 ED25519 ${accepts} explicit`,
    `Server accepts key: /k2 ED25519 ${accepts} explicit`,
  ];
  const { message } = startFailure({ endpoint, phase: "auth", printed, log });
  assertEquals(
    message,
    "Cannot log in to web1 as deploy: the host closed the connection " +
      "(Connection closed by 127.0.0.1 port 22); it was offered /k1, /k2",
  );
});

Deno.test("a host that hangs up before the login has not been offered a key", () => {
  const { message } = startFailure({
    ...{ endpoint, phase: "auth", printed, log: [] },
  });
  assertEquals(
    message,
    "Cannot log in to web1 as deploy: the host closed the connection " +
      "(Connection closed by 127.0.0.1 port 22); it had not been offered a key",
  );
});
