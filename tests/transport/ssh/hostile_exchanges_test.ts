// One packet of a host never ends or blocks the process: it is refused before
// any arithmetic, and the host is unreachable with a sentence that says why.
import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertRejects,
} from "@std/assert";
import { ConnectError } from "../../../src/errors.ts";
import {
  createSshTransport,
  parseKnownHosts,
} from "../../../src/transport/ssh/ssh_transport.ts";
import { HOSTILE_EXCHANGES } from "../../support/hostile_exchanges.ts";
import { watchLoop } from "../../support/loop.ts";
import { startRawSshServer } from "../../support/raw_ssh_server.ts";

const signal = new AbortController().signal;

for (const { name, says, kex, serve } of HOSTILE_EXCHANGES) {
  Deno.test(`a host is refused for ${name}`, async () => {
    await using server = startRawSshServer(serve);
    const transport = createSshTransport({
      knownHosts: parseKnownHosts([]),
      hostKeys: "off",
      agentSocket: "",
      retryPauseMs: 1,
      connectTimeoutMs: 120_000,
    });
    const loop = watchLoop();
    try {
      const endpoint = server.endpoint(
        kex ? { ssh: { algorithms: { kex } } } : {},
      );
      const error = await assertRejects(
        () => transport.open(endpoint, { signal }),
        ConnectError,
      );
      assertMatch(error.message, /^Cannot reach raw: /);
      assertMatch(error.message, says);
      assertEquals(error.phase, "connect");
      assertEquals(error.host, "raw");
    } finally {
      assertLess(loop.stop(), 1_000, "CPU milliseconds of the longest turn");
      transport.close();
    }
  });
}

Deno.test("every hostile exchange has a name of its own", () => {
  const names = HOSTILE_EXCHANGES.map(({ name }) => name);
  assert(new Set(names).size === names.length);
});
