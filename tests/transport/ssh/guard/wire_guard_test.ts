// The places in ssh2 that the guard hooks: when a new version of ssh2 has moved
// one, a test here says so.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { createDiffieHellmanGroup } from "node:crypto";
import { connect } from "node:net";
import ssh2 from "ssh2";
import { NEVER } from "../../../../src/async/abort.ts";
import { guardClient } from "../../../../src/transport/ssh/guard/guard_client.ts";
import type { Ssh2KeyExchange } from "../../../../src/transport/ssh/library/ssh2_internals.ts";
import { shortenExponents } from "../../../../src/transport/ssh/library/short_exponent.ts";
import { startSshServer } from "../../../support/ssh_server.ts";

interface Inside {
  _protocol: {
    _kex: Ssh2KeyExchange | undefined;
    _packetRW: { read: unknown };
  };
}

/** A handshake that needs not wait. */
const AT_ONCE = { wait: () => Promise.resolve(), signal: NEVER };

for (
  const kex of ["curve25519-sha256", "diffie-hellman-group14-sha256"] as const
) {
  Deno.test(`the guard sees each message of ${kex}`, async () => {
    const server = await startSshServer();
    const carrier = connect(server.port, "127.0.0.1");
    await new Promise((resolve) => carrier.once("connect", resolve));
    const client = new ssh2.Client();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    client.once("close", () => end());
    let seen: boolean[] | undefined;
    client.connect({
      sock: carrier,
      username: "deploy",
      algorithms: { kex: [kex] },
      authHandler: [],
      hostVerifier: (key: Uint8Array, verify: (isTrusted: boolean) => void) => {
        seen = [guard.sawKey(key), guard.sawKey(key.toReversed())];
        verify(true);
      },
    });
    const guard = guardClient(client, {
      carrier,
      isExpected: () => false,
      turn: AT_ONCE,
    });
    const { _protocol: protocol } = client as unknown as Inside;
    const hooked = protocol._packetRW.read;
    client.on("error", () => {}); // it cannot log in
    await new Promise((resolve) => client.once("handshake", resolve));

    assertEquals(seen, [true, false], "the reply has passed it");
    assert(protocol._packetRW.read === hooked, "it outlives NEWKEYS");
    if (kex.includes("group")) {
      assert(Object.hasOwn(protocol._kex!, "generateKeys"));
    }
    client.end();
    carrier.destroy();
    await ended;
    await server.stop();
  });
}

Deno.test("the guard refuses an ssh2 that it does not know", () => {
  const client = new ssh2.Client();
  assertThrows(
    () =>
      guardClient(client, {
        carrier: connect(0).destroy(),
        isExpected: () => false,
        turn: AT_ONCE,
      }),
    Error,
    "ssh2 has changed inside",
  );
});

Deno.test("an exchange gets an exponent of 64 bytes, and the matching public key", () => {
  class Protocol {
    _kex: Ssh2KeyExchange | undefined;
  }
  const protocol = new Protocol();
  shortenExponents(protocol);
  const exchange: Ssh2KeyExchange = {
    type: "group",
    groupName: "modp14",
    _dh: null,
    _public: null,
    generateKeys: () => {},
  };
  protocol._kex = exchange;
  exchange.generateKeys();

  assertEquals(exchange._dh!.getPrivateKey().length, 64);
  const other = createDiffieHellmanGroup("modp14");
  const sent = other.generateKeys();
  assertEquals(
    exchange._dh!.computeSecret(sent),
    other.computeSecret(exchange._public!),
  );
});
