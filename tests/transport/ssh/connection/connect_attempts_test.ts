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
      async ({ deadline, begin }) => {
        const socket = await dialTcp("127.0.0.1", {
          port,
          signal: deadline.signal,
          onPhase: () => {},
        });
        await begin();
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

/** A host; the attempts see only its name. */
function host(name: string) {
  return {
    name,
    transport: "ssh",
    address: name,
    port: 22,
    user: "root",
    identityFiles: [],
  } as const;
}

const { signal } = new AbortController();

function optionsFor(server: string, phases: unknown[] = []) {
  return {
    ...{ server, loadKey: server, signal },
    onPhase: (phase: unknown) => phases.push(phase),
  };
}

Deno.test("hosts that cannot be connected to take no handshake's place", async () => {
  const attempts = new Attempts({ handshakes: 1, connectTimeoutMs: 60_000 });
  const dead = Array.from({ length: 20 }, (_, i) => {
    const stop = new AbortController();
    const opening = attempts.open(
      host(`dead${i}`),
      { ...optionsFor(`dead${i}`), signal: stop.signal },
      ({ deadline }) => deadline.race(new Promise<never>(() => {})),
    );
    return { stop, opening };
  });
  const opened = await attempts.open(
    host("alive"),
    optionsFor("alive"),
    async ({ begin }) => {
      await begin();
      return "open";
    },
  );
  assertEquals(opened, "open");
  for (const { stop, opening } of dead) {
    stop.abort(new RangeError("stop"));
    await assertRejects(() => opening, RangeError, "stop");
  }
});

Deno.test("a handshake waits for its turn, while its time stands still", async () => {
  const attempts = new Attempts({ handshakes: 1, connectTimeoutMs: 100 });
  const first = Promise.withResolvers<void>();
  const log: string[] = [];
  const phases: unknown[] = [];
  const openings = [
    attempts.open(host("first"), {
      ...optionsFor("first"),
    }, async ({ begin, deadline }) => {
      await begin();
      deadline.pause(); // a user is asked
      await first.promise;
      log.push("first");
    }),
    attempts.open(
      host("second"),
      optionsFor("second", phases),
      async ({ begin, onPhase }) => {
        onPhase("connect");
        await begin();
        log.push("second");
      },
    ),
  ];
  await new Promise((resolve) => setTimeout(resolve, 300));
  first.resolve();
  await Promise.all(openings);
  assertEquals(log, ["first", "second"]);
  assertEquals(phases, ["connect", undefined, "connect"]);
});

Deno.test("until its turn, a host does not pay for a process that is late", async () => {
  let lateMs = 0;
  const attempts = new Attempts({
    connectTimeoutMs: 100,
    delay: {
      ...delay(false),
      get lateMs() {
        return lateMs;
      },
    },
  });
  const opened = await attempts.open(
    host("far"),
    optionsFor("far"),
    async ({ begin, deadline }) => {
      lateMs += 60_000;
      await begin();
      const slow = new Promise((resolve) => setTimeout(resolve, 300));
      await deadline.race(slow);
      return "open";
    },
  );
  assertEquals(opened, "open");
});

Deno.test("a host that failed gives its place back before it is tried again", async () => {
  const attempts = new Attempts({ handshakes: 1, retryPauseMs: 60_000 });
  const stop = new AbortController();
  const failing = attempts.open(
    host("failing"),
    { ...optionsFor("failing"), signal: stop.signal },
    async ({ begin, onPhase }) => {
      onPhase("connect");
      await begin();
      throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
    },
  );
  await attempts.open(
    host("other"),
    optionsFor("other"),
    ({ begin }) => begin(),
  );
  stop.abort(new RangeError("stop"));
  await assertRejects(() => failing, RangeError, "stop");
});

Deno.test("no more names are looked up at once than the runtime does, and none loses time in a queue", async () => {
  const attempts = new Attempts({ connectTimeoutMs: 60_000 });
  const looking: PromiseWithResolvers<void>[] = [];
  const openings = Array.from({ length: 40 }, (_, i) =>
    attempts.open(
      host(`name${i}`),
      optionsFor(`name${i}`),
      async ({ lookUp, onPhase }) => {
        await lookUp();
        const found = Promise.withResolvers<void>();
        looking.push(found);
        await found.promise;
        onPhase("connect");
      },
    ));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(looking.length, 32);
  for (let i = 0; i < 40; i++) {
    looking[i]!.resolve();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await Promise.all(openings);
});
