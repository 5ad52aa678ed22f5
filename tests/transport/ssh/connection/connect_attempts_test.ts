// The window of handshakes, with hosts that accept connections and say nothing.
import { assertEquals, assertRejects } from "@std/assert";
import { ConnectError } from "../../../../src/errors.ts";
import { Attempts } from "../../../../src/transport/ssh/connection/connect_attempts.ts";
import { dialTcp } from "../../../../src/transport/ssh/connection/dial.ts";

const HOSTS = 12;

/** Tries to reach silent hosts, all at once; resolves to the window after that. */
async function reachSilentHosts(attempts: Attempts): Promise<number> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const sockets: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const socket of listener) sockets.push(socket);
  })();
  const { port } = listener.addr as Deno.NetAddr;
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: HOSTS }, (_, i) => {
    const endpoint = {
      name: `silent${i}`,
      transport: "ssh",
      address: "127.0.0.1",
      port,
      user: `user${i}`,
      identityFiles: [],
    } as const;
    const server = `server ${i}`;
    const opening = attempts.open(
      endpoint,
      { server, loadKey: server, signal, onPhase: () => {} },
      async ({ deadline, onConnected }) => {
        const socket = await dialTcp("127.0.0.1", {
          port,
          signal: deadline.signal,
          onPhase: () => {},
        });
        onConnected();
        try {
          return await deadline.race(new Promise<never>(() => {}));
        } finally {
          socket.destroy();
        }
      },
    );
    return assertRejects(() => opening, ConnectError, "silent");
  }));
  listener.close();
  await accepting;
  for (const socket of sockets) socket.close();
  return attempts.handshakes;
}

/** A process that is always late, or never. */
function delay(isLate: boolean) {
  return {
    get lateMs() {
      return isLate ? performance.now() : 0;
    },
    watch: () => () => {},
  };
}

const LIMITS = { connectTimeoutMs: 200, handshakes: 16 };

Deno.test("silent hosts leave the window open while this process keeps up", async () => {
  const attempts = new Attempts({ ...LIMITS, delay: delay(false) });
  assertEquals(await reachSilentHosts(attempts), 16);
});

Deno.test("handshakes that a busy process does not finish in time close the window once", async () => {
  const attempts = new Attempts({ ...LIMITS, delay: delay(true) });
  assertEquals(await reachSilentHosts(attempts), 8);
});
