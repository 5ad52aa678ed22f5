// A host that was let in may not break the rules of a key exchange either: the
// connection is lost with a sentence that says why, and the loop goes on.
import { assertEquals, assertLess, assertMatch } from "@std/assert";
import type { Connection } from "ssh2";
import {
  createSshTransport,
  parseKnownHosts,
} from "../../../src/transport/ssh/ssh_transport.ts";
import { watchLoop } from "../../support/loop.ts";
import {
  concat,
  hearRequests,
  injectMessage,
  kexInit,
  MESSAGE,
  message,
  mpint,
  stopListening,
  string,
} from "../../support/raw_ssh_server.ts";
import { startSshServer } from "../../support/ssh_server.ts";

const signal = new AbortController().signal;
const GROUP_EXCHANGE = "diffie-hellman-group-exchange-sha256";

/** What a host sends once it has let the user in, and what is said about it. */
const ATTACKS: readonly {
  name: string;
  says: RegExp;
  messages: readonly Uint8Array[];
}[] = [
  {
    name: "a group exchange with a prime of zero",
    says: /a prime of 0 bits/,
    messages: [
      kexInit({ kex: GROUP_EXCHANGE }),
      message(MESSAGE.group, string(""), mpint(2n)),
    ],
  },
  {
    name: "a group exchange with a prime of 32 KB",
    says: /a prime of 260000 bits/,
    messages: [
      kexInit({ kex: GROUP_EXCHANGE }),
      message(MESSAGE.group, mpint(2n ** 260_000n - 1n), mpint(2n)),
    ],
  },
  {
    name: "a reply with a short point",
    says: /has 5 bytes; a point of curve25519 has 32/,
    messages: [
      kexInit(),
      message(
        MESSAGE.reply,
        string("key"),
        string("12345"),
        string("signature"),
      ),
    ],
  },
  {
    name: "a list of algorithms of 30 KB",
    says: /its list of algorithms has a field of 30000 bytes/,
    messages: [kexInit({ kex: "x,".repeat(15_000) })],
  },
  {
    name: "two lists of algorithms",
    says: /sent message 20 out of turn/,
    messages: [kexInit(), kexInit()],
  },
  {
    name: "an unsolicited reply",
    says: /sent message 31 out of turn/,
    messages: [message(MESSAGE.reply)],
  },
  {
    name: "other messages inside the exchange",
    says: /unexpected packet type 80/,
    messages: [kexInit(), message(80, string("x"), Uint8Array.of(0))],
  },
];

for (const { name, says, messages } of ATTACKS) {
  Deno.test(`a connection is lost for new keys with ${name}`, async () => {
    let host: Connection | undefined;
    const server = await startSshServer({ onReady: (ready) => host = ready });
    const transport = createSshTransport({
      knownHosts: parseKnownHosts([{
        path: "known_hosts",
        text: server.knownHosts,
      }]),
      agentSocket: "",
    });
    const loop = watchLoop();
    try {
      const algorithms = { kex: `+${GROUP_EXCHANGE}` };
      const endpoint = server.endpoint({ ssh: { algorithms } });
      const connection = await transport.open(endpoint, { signal });
      stopListening(host!);
      for (const each of messages) injectMessage(host!, each);
      const error = await connection.closed;
      assertMatch(error!.message, /^Lost the connection to web1: /);
      assertMatch(error!.message, says);
    } finally {
      assertLess(loop.stop(), 1_000, "CPU milliseconds of the longest turn");
      transport.close();
      await server.stop();
    }
  });
}

Deno.test("the keys that a host announces are neither asked for nor verified", async () => {
  const requests: string[] = [];
  let host: Connection | undefined;
  const server = await startSshServer({
    ident: "OpenSSH_9.9",
    onReady: (ready) => {
      host = ready;
      hearRequests(ready, (name) => requests.push(name));
    },
  });
  const transport = createSshTransport({
    knownHosts: parseKnownHosts([{
      path: "known_hosts",
      text: server.knownHosts,
    }]),
    agentSocket: "",
  });
  try {
    const connection = await transport.open(server.endpoint(), { signal });
    const giant = concat(Uint8Array.of(0), new Uint8Array(8_000).fill(0xff));
    const key = concat(string("ssh-rsa"), string(giant), string(giant));
    injectMessage(
      host!,
      message(
        80,
        string("hostkeys-00@openssh.com"),
        Uint8Array.of(0),
        string(key),
      ),
    );
    const stream = await connection.exec("true", { signal });
    assertEquals((await stream.exit).code, 0);
    assertEquals(requests, []);
    connection.close();
  } finally {
    transport.close();
    await server.stop();
  }
});
