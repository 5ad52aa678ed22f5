// Which hosts take a place among the handshakes: those whose server has begun its
// part. The place that all wait for here is never given.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ConnectError } from "../../../src/errors.ts";
import {
  createSshTransport,
  parseKnownHosts,
  type SshOptions,
} from "../../../src/transport/ssh/ssh_transport.ts";
import type { Endpoint, Transport } from "../../../src/transport/transport.ts";
import {
  kexInit,
  message,
  type RawPeer,
  type RawSshServer,
  startRawSshServer,
  string,
  uint32,
} from "../../support/raw_ssh_server.ts";
import { type SshServer, startSshServer } from "../../support/ssh_server.ts";

const signal = new AbortController().signal;

function transportFor(
  { folder, identityFile: _, ...server }: SshServer,
  options: Partial<SshOptions>,
): Transport {
  return createSshTransport({
    knownHosts: parseKnownHosts([{ path: "known", text: server.knownHosts }]),
    agentSocket: "",
    home: folder,
    retryPauseMs: 1,
    connectTimeoutMs: 60_000,
    ...options,
  });
}

const SILENT: Record<string, (peer: RawPeer) => Promise<void>> = {
  "say nothing": async () => {},
  "say only a line before their version": (peer) =>
    peer.write(new TextEncoder().encode("Welcome\r\n")),
  "say only their version": (peer) =>
    peer.write(new TextEncoder().encode("SSH-2.0-raw\r\n")),
};

for (const [what, serve] of Object.entries(SILENT)) {
  Deno.test(`hosts that accept connections and ${what} take no place of others`, async () => {
    const good = await startSshServer();
    const transport = transportFor(good, { handshakes: 2 });
    const servers = Array.from({ length: 12 }, () => new Silent(serve));
    const stop = new AbortController();
    const openings = servers.map(({ server }, i) =>
      transport.open(server.endpoint({ name: `silent${i}` }), {
        signal: stop.signal,
      }).catch((error) => error)
    );
    try {
      await Promise.all(servers.map(({ isReached }) => isReached));
      await transport.open(good.endpoint(), { signal });
      await assertAllStop(openings, stop);
    } finally {
      transport.close();
      for (const { server } of servers) await server[Symbol.asyncDispose]();
      await good.stop();
    }
  });
}

/** Stops openings, none of which has ended. */
async function assertAllStop(
  openings: readonly Promise<unknown>[],
  stop: AbortController,
): Promise<void> {
  stop.abort(new RangeError("stop"));
  for (const opening of openings) {
    assertEquals(await opening, stop.signal.reason);
  }
}

/** A server that tells when it has said what it says. */
class Silent {
  readonly #reached = Promise.withResolvers<void>();
  readonly server: RawSshServer;

  constructor(serve: (peer: RawPeer) => Promise<void>) {
    this.server = startRawSshServer(async (peer) => {
      await serve(peer);
      this.#reached.resolve();
    });
  }

  get isReached(): Promise<void> {
    return this.#reached.promise;
  }
}

Deno.test("proxy commands whose server says nothing take no place of other hosts", async () => {
  const good = await startSshServer();
  const transport = transportFor(good, { handshakes: 2 });
  const stop = new AbortController();
  const openings = Array.from({ length: 6 }, (_, i) =>
    transport.open(
      good.endpoint({ name: `silent${i}`, proxyCommand: `sleep 6${i}` }),
      { signal: stop.signal },
    ).catch((error) => error));
  try {
    await transport.open(good.endpoint(), { signal });
    await assertAllStop(openings, stop);
  } finally {
    transport.close();
    await good.stop();
  }
});

/** Opens an endpoint while the only place is taken; resolves to the error. */
async function failureWithoutPlace(
  endpointOf: (server: SshServer) => Endpoint,
): Promise<ConnectError> {
  const asked = Promise.withResolvers<void>();
  const slow = await startSshServer({ authenticate: () => asked.resolve() });
  const transport = transportFor(slow, { handshakes: 1 });
  const stop = new AbortController();
  try {
    const slowOpening = transport.open(slow.endpoint({ name: "slow" }), {
      signal: stop.signal,
    });
    slowOpening.catch(() => {});
    await asked.promise;
    const error = await assertRejects(
      () => transport.open(endpointOf(slow), { signal }),
      ConnectError,
    );
    stop.abort(new RangeError("stop"));
    await assertRejects(() => slowOpening, RangeError, "stop");
    return error;
  } finally {
    transport.close();
    await slow.stop();
  }
}

const hangUp = (): never => {
  throw new Error("hang up");
};

Deno.test("a host that disconnects with a reason while it waits for its turn is reported with it", async () => {
  await using server = startRawSshServer(async (peer) => {
    await peer.sayHello();
    await peer.send(kexInit());
    await peer.send(
      message(1, uint32(2), string("maintenance until noon"), string("")),
    );
    hangUp();
  });
  const error = await failureWithoutPlace(() => server.endpoint());
  assertEquals(
    error.message,
    "Cannot reach raw: the handshake failed: maintenance until noon",
  );
});

Deno.test("a host that hangs up while it waits for its turn is tried again, and reported", async () => {
  await using server = startRawSshServer(async (peer) => {
    await peer.sayHello();
    await peer.send(kexInit());
    hangUp();
  });
  const error = await failureWithoutPlace(() => server.endpoint());
  assertStringIncludes(
    error.message,
    "closed the connection before the handshake, 8 times",
  );
});

for (const line of ["Exceeded MaxStartups", "No sessions here"]) {
  Deno.test(`a server that says "${line}" instead of SSH needs no place for that`, async () => {
    await using server = startRawSshServer(async (peer) => {
      await peer.write(new TextEncoder().encode(`${line}\r\n`));
      hangUp();
    });
    const error = await failureWithoutPlace(() => server.endpoint());
    assertStringIncludes(error.message, JSON.stringify(line));
  });
}

const PROXIES = {
  "echo no such tunnel >&2; exit 3":
    "the proxy command ended with status 3: no such tunnel",
  "echo no such tunnel >&2":
    'the proxy command closed the connection before the handshake, 8 times; its stderr: "no such tunnel"',
  "echo Exceeded MaxStartups; exit 1":
    'the proxy command closed the connection before the handshake, 8 times; it sent "Exceeded MaxStartups"',
  "echo No sessions here; echo closed >&2; exit 1":
    'the proxy command does not speak SSH; it sent "No sessions here"; its stderr: "closed"',
  'printf "SSH-2.0-raw\\r\\n\\000"; echo lost >&2; exit 4':
    "the proxy command ended with status 4: lost",
};

for (const [script, says] of Object.entries(PROXIES)) {
  Deno.test(`a proxy command needs no place to explain why it ends: ${script}`, async () => {
    const proxyCommand = `sh -c '${script}'`;
    const error = await failureWithoutPlace((server) =>
      server.endpoint({ proxyCommand, address: "behind" })
    );
    assertEquals(error.message, `Cannot reach web1: ${says}`);
  });
}
