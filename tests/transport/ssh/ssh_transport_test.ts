// Servers that misbehave, each in its own way: the error, and that no resource
// leaks (the sanitizers check that).
import {
  assert,
  assertEquals,
  assertGreater,
  assertLessOrEqual,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { within } from "../../../src/async/deadline.ts";
import { ConnectError, type Phase } from "../../../src/errors.ts";
import {
  createSshTransport,
  parseKnownHosts,
  type SshOptions,
} from "../../../src/transport/ssh/ssh_transport.ts";
import type {
  Connection,
  Endpoint,
  Transport,
} from "../../../src/transport/transport.ts";
import {
  generateKey,
  publicKeyLine,
  type SshServer,
  type SshServerOptions,
  startSshServer,
} from "../../support/ssh_server.ts";
import ssh2 from "ssh2";

const signal = new AbortController().signal;

interface Lab {
  readonly server: SshServer;
  readonly transport: Transport;
  readonly endpoint: Endpoint;
  open(): Promise<Connection>;
  /** The error that `open()` rejects with. */
  failure(): Promise<ConnectError>;
}

/** Registers a test with a server and a transport that knows its keys. */
function withServer(
  name: string,
  { server: serverOptions = {}, ssh = {} }: {
    server?: SshServerOptions;
    ssh?: Partial<SshOptions>;
  },
  fn: (lab: Lab) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const server = await startSshServer(serverOptions);
    const transport = createSshTransport({
      knownHosts: known(server.knownHosts),
      agentSocket: "",
      retryPauseMs: 1,
      home: server.folder,
      ...ssh,
    });
    const endpoint = server.endpoint();
    const open = () => transport.open(endpoint, { signal });
    try {
      await fn({
        server,
        transport,
        endpoint,
        open,
        failure: () => assertRejects(open, ConnectError),
      });
    } finally {
      transport.close();
      await server.stop();
    }
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function known(text: string) {
  return parseKnownHosts([{ path: "/etc/known", text }]);
}

Deno.test("a closed port refuses the connection", async () => {
  const server = await startSshServer();
  await server.stop();
  const transport = createSshTransport({
    knownHosts: known(""),
    agentSocket: "",
  });
  const error = await assertRejects(
    () => transport.open(server.endpoint(), { signal }),
    ConnectError,
    `Cannot reach web1: 127.0.0.1 port ${server.port} refused the connection`,
  );
  assertEquals([error.phase, error.host], ["connect", "web1"]);
});

withServer(
  "a name that does not resolve",
  {},
  async ({ transport, server }) => {
    // An empty label: refused by the resolver itself, no server is asked.
    const endpoint = server.endpoint({ address: "web1..example" });
    const phases: (Phase | undefined)[] = [];
    const error = await assertRejects(
      () =>
        transport.open(endpoint, { signal, onPhase: (p) => phases.push(p) }),
      ConnectError,
      "Cannot reach web1: the name web1..example does not resolve",
    );
    assertEquals(error.phase, "resolve");
    assertEquals(phases, ["resolve"]);
  },
);

withServer(
  "a server that accepts and stays silent runs into the time limit",
  {
    server: { onSocket: () => {} },
    ssh: { connectTimeoutMs: 50 },
  },
  async ({ failure, server }) => {
    const error = await failure();
    assertEquals(
      error.message,
      `Cannot reach web1: 127.0.0.1 port ${server.port} did not answer within 0.05 s`,
    );
    assertEquals(error.phase, "connect");
  },
);

withServer(
  "a server that never judges the key runs into the time limit of the login",
  {
    server: { authenticate: () => {} },
    ssh: { connectTimeoutMs: 300 },
  },
  async ({ failure }) => {
    const error = await failure();
    assertEquals(error.phase, "auth");
    assertStringIncludes(
      error.message,
      "did not finish the login of deploy within 0.3 s",
    );
    assertEquals(error.mayPass, true); // a refusal is not worth another try
  },
);

withServer(
  "a server that always hangs up at once is tried eight times",
  { server: { onSocket: (socket) => socket.destroy() } },
  async ({ failure, server }) => {
    const error = await failure();
    assertEquals(
      error.message,
      `Cannot reach web1: 127.0.0.1 port ${server.port} closed the connection before the handshake, 8 times`,
    );
    assertStringIncludes(error.hint ?? "", "MaxStartups");
    assertEquals(error.phase, "connect");
    assertEquals(server.sockets, 8);
  },
);

withServer(
  "a server that does not speak SSH is reported as such",
  {
    server: {
      onSocket: (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
    },
  },
  async ({ failure, server }) => {
    assertStringIncludes(
      (await failure()).message,
      'does not speak SSH; it sent "HTTP/1.1 400 Bad Request"',
    );
    assertEquals(server.sockets, 1);
  },
);

withServer(
  "a server that drops some before the login lets all in",
  { server: { maxStartups: 3 }, ssh: { retryPauseMs: 50 } },
  async ({ open, server }) => {
    await Promise.all(Array.from({ length: 20 }, open));
    assertGreater(server.dropped, 0);
  },
);

withServer(
  "a server that drops most is tried for as long as it lets some in",
  { server: { maxStartups: 1 }, ssh: { retryPauseMs: 50 } },
  async ({ open, server }) => {
    await Promise.all(Array.from({ length: 20 }, open));
    assertGreater(server.dropped, 0);
  },
);

withServer(
  "no more than eight handshakes with one server are in flight",
  {},
  async ({ open, server }) => {
    await Promise.all(Array.from({ length: 30 }, open));
    assertEquals(server.sockets, 30);
    assertLessOrEqual(server.mostUnauthenticated, 8);
  },
);

withServer(
  "a server that hangs up after the handshake is not tried again",
  { server: { hangsUpAtLogin: true } },
  async ({ failure, server }) => {
    const error = await failure();
    assertEquals(error.phase, "auth");
    assertStringIncludes(
      error.message,
      "Cannot log in to web1 as deploy: the host closed the connection",
    );
    assertEquals(server.sockets, 1);
  },
);

withServer(
  "the error of a refused login has the tried keys and a hint",
  {
    server: {
      authenticate: (context) => context.reject(["publickey", "password"]),
    },
  },
  async ({ failure, endpoint }) => {
    const error = await failure();
    assertEquals(
      error.message,
      `Cannot log in to web1 as deploy: it refused ${
        endpoint.identityFiles[0]
      }`,
    );
    assertEquals(
      error.hint,
      "Give a password with `password`; the host accepts publickey, password",
    );
    assertEquals(error.phase, "auth");
  },
);

withServer(
  "a host that takes no keys is offered none",
  { server: { authenticate: (context) => context.reject(["password"]) } },
  async ({ failure, server }) => {
    const error = await failure();
    assertEquals(
      error.message,
      "Cannot log in to web1 as deploy: it takes no keys",
    );
    assertEquals(server.logins, 1);
  },
);

withServer(
  "a host that asks for nothing is entered without a key",
  {
    server: {
      authenticate: (context) =>
        context.method === "none" ? context.accept() : context.reject(),
    },
  },
  async ({ transport, server }) => {
    for (const identityFiles of [[], server.endpoint().identityFiles]) {
      const endpoint = server.endpoint({ identityFiles });
      await transport.open(endpoint, { signal });
    }
    assertEquals(server.logins, 2);
  },
);

withServer(
  "a host whose key is remembered is asked nothing",
  {},
  async ({ transport, server }) => {
    await transport.open(server.endpoint(), { signal });
    assertEquals(server.logins, 2); // none, and the only key
    await transport.open(server.endpoint(), { signal });
    assertEquals(server.logins, 3);
  },
);

withServer(
  "a key that one host accepted is offered to others without a question",
  {},
  async ({ transport, server }) => {
    await transport.open(server.endpoint(), { signal });
    const ssh = { hostKeyAlias: `[127.0.0.1]:${server.port}` };
    const other = server.endpoint({ name: "web2", address: "localhost", ssh });
    await transport.open(other, { signal });
    assertEquals(server.logins, 3);
  },
);

withServer(
  "a login without any key is reported",
  {},
  async ({ transport, server }) => {
    const error = await assertRejects(
      () => transport.open(server.endpoint({ identityFiles: [] }), { signal }),
      ConnectError,
      "Cannot log in to web1 as deploy: there was no key to offer",
    );
    assertEquals(
      error.hint,
      "Name a key with `identityFiles`, or add one to the agent with ssh-add; the host accepts publickey",
    );
  },
);

withServer(
  "a key file that is missing is named",
  {},
  async ({ transport, server }) => {
    const endpoint = server.endpoint({ identityFiles: ["/nowhere/id"] });
    await assertRejects(
      () => transport.open(endpoint, { signal }),
      ConnectError,
      "/nowhere/id cannot be used: it does not exist",
    );
  },
);

const other = generateKey();

withServer(
  "an unknown host is refused before the login",
  { ssh: { knownHosts: known("") } },
  async ({ failure, server }) => {
    const error = await failure();
    assertEquals(error.phase, "hostkey");
    assertStringIncludes(
      error.message,
      "Cannot trust web1: its ssh-ed25519 key SHA256:",
    );
    assertStringIncludes(error.message, "is not in known_hosts");
    assertStringIncludes(error.hint ?? "", "`hostKeys` accept-new");
    assertStringIncludes(
      error.hint ?? "",
      `ssh-keyscan -p ${server.port} 127.0.0.1`,
    );
    assertEquals(server.logins, 0);
  },
);

Deno.test("a host whose key has changed is refused, with file and line", async () => {
  const server = await startSshServer();
  for (const hostKeys of ["check", "accept-new"] as const) {
    const transport = createSshTransport({
      knownHosts: known(
        `# mine\n[127.0.0.1]:${server.port} ${publicKeyLine(other)}\n`,
      ),
      hostKeys,
      agentSocket: "",
    });
    const error = await assertRejects(
      () => transport.open(server.endpoint(), { signal }),
      ConnectError,
      "is not the one in /etc/known:2",
    );
    assertEquals(error.phase, "hostkey");
    assertStringIncludes(
      error.hint ?? "",
      `ssh-keygen -R '[127.0.0.1]:${server.port}'`,
    );
  }
  assertEquals(server.logins, 0);
  await server.stop();
});

Deno.test("accept-new notes a key down once, however many connect", async () => {
  const server = await startSshServer();
  const file = `${server.folder}/ssh/known_hosts`;
  const transport = createSshTransport({
    knownHosts: known(""),
    hostKeys: "accept-new",
    knownHostsFile: file,
    agentSocket: "",
  });
  await Promise.all(
    [1, 2, 3].map(() => transport.open(server.endpoint(), { signal })),
  );
  transport.close();
  assertEquals(await Deno.readTextFile(file), server.knownHosts);
  await server.stop();
});

Deno.test("a connection whose key is noted down while the transport closes is closed", async () => {
  const server = await startSshServer();
  const transport: Transport = createSshTransport({
    knownHosts: known(""),
    hostKeys: "accept-new",
    // The key counts as noted down when this has ended.
    onAdded: async () => {
      while (server.logins === 0) await sleep(5);
      await sleep(50); // the answer to the login comes
      transport.close();
    },
    knownHostsFile: `${server.folder}/ssh/known_hosts`,
    agentSocket: "",
  });
  const connection = await transport.open(server.endpoint(), { signal });
  const instead = new Error("It stayed open");
  const cause = await within(connection.closed, { ms: 2_000, instead });
  connection.close();
  await server.stop();
  assertEquals(cause, undefined);
});

Deno.test("accept-new trusts no new key of a host that has another", async () => {
  const ecdsa = ssh2.utils.generateKeyPairSync("ecdsa", { bits: 256 }).private;
  const server = await startSshServer();
  const transport = createSshTransport({
    knownHosts: known(`[127.0.0.1]:${server.port} ${publicKeyLine(ecdsa)}`),
    hostKeys: "accept-new",
    agentSocket: "",
  });
  await assertRejects(
    () => transport.open(server.endpoint(), { signal }),
    ConnectError,
    "/etc/known:1 has a key of type ecdsa-sha2-nistp256",
  );
  await server.stop();
});

Deno.test("a host with several keys is asked for the one that is known", async () => {
  const rsa = ssh2.utils.generateKeyPairSync("rsa", { bits: 2048 }).private;
  const server = await startSshServer({ hostKeys: [other, rsa] });
  const transport = createSshTransport({
    knownHosts: known(`[127.0.0.1]:${server.port} ${publicKeyLine(rsa)}`),
    agentSocket: "",
  });
  await transport.open(server.endpoint(), { signal });
  transport.close();
  await server.stop();
});

withServer(
  "a connection that breaks off while a command runs is lost, never done",
  {},
  async ({ open, server }) => {
    const connection = await open();
    const stream = await connection.exec("echo ready; cat", { signal });
    const reader = stream.stdout.getReader();
    await reader.read();
    const unread = await connection.exec("head -c 9999999 /dev/zero", {
      signal,
    });
    server.breakOff();
    const lost = { code: null, signal: null, lost: true };
    assertEquals(await stream.exit, lost);
    assertEquals(await unread.exit, lost);
    assertEquals((await reader.read()).done, true);
    const error = await connection.closed;
    assert(error instanceof ConnectError);
    assertEquals(error.phase, "call");
    assertStringIncludes(error.message, "Lost the connection to web1");
    const refused = await assertRejects(
      () => connection.exec("true", { signal }),
      ConnectError,
    );
    assertEquals(refused.phase, "start");
  },
);

withServer(
  "data that a host does not read is not buffered, on any number of streams",
  {},
  async ({ open, server }) => {
    const connection = await open();
    const streams = await Promise.all(
      Array.from({ length: 20 }, () => connection.exec("cat", { signal })),
    );
    server.goDeaf();
    const chunk = new Uint8Array(128 * 1024);
    let taken = 0;
    const fed = streams.map(async ({ stdin }) => {
      const writer = stdin.getWriter();
      writer.closed.catch(() => {}); // the connection ends below
      for (;;) {
        await writer.write(chunk);
        taken += chunk.length;
      }
    });
    const stopped = Promise.allSettled(fed);
    for (let before = -1; before < taken;) {
      before = taken;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assertGreater(taken, 0);
    // Windows let through 40 MiB; sockets on loopback hold some of it.
    assertLessOrEqual(taken, 20 * 1024 * 1024);
    connection.close();
    await stopped;
  },
);

withServer(
  "a host that stops responding is lost",
  { ssh: { keepaliveMs: 10 } },
  async ({ open, server }) => {
    const connection = await open();
    server.goDeaf();
    const error = await connection.closed;
    assert(error instanceof ConnectError);
    assertEquals(
      error.message,
      "Lost the connection to web1: it stopped responding",
    );
  },
);

withServer(
  "a command that the host refuses to run",
  { server: { refusesExec: true } },
  async ({ open }) => {
    const connection = await open();
    const error = await assertRejects(
      () => connection.exec("true", { signal }),
      ConnectError,
      "Cannot start a command on web1: the host refused the request",
    );
    assertEquals(error.phase, "start");
  },
);

withServer(
  "a host that opens no more sessions gets another connection",
  { server: { maxSessions: 1 } },
  async ({ open, server }) => {
    const connection = await open();
    const first = await connection.exec("cat", { signal });
    for (const word of ["one", "two"]) {
      const stream = await connection.exec(`echo ${word}`, { signal });
      assertEquals(await new Response(stream.stdout).text(), `${word}\n`);
      await stream.stderr.cancel();
      await stream.exit;
    }
    assertEquals(server.sockets, 2);
    await first.stdin.close();
    assertEquals((await first.exit).code, 0);
    connection.close();
    assertEquals(await connection.closed, undefined);
  },
);

withServer(
  "a command that nobody waits for costs no further login",
  { server: { maxSessions: 1 } },
  async ({ open, server }) => {
    const connection = await open();
    const first = await connection.exec("cat", { signal });
    await assertRejects(
      () => connection.exec("true", { signal, yields: () => true }),
      ConnectError,
    );
    assertEquals(server.sockets, 1);
    first.close();
    connection.close();
  },
);

for (const maxSessions of [1, 2]) {
  withServer(
    `a command that nobody waits for gives way, of ${maxSessions} at once`,
    { server: { maxSessions } },
    async ({ open, server }) => {
      const connection = await open();
      const wanted = [];
      while (wanted.length < maxSessions - 1) {
        wanted.push(await connection.exec("cat", { signal }));
      }
      const extra = await connection.exec("cat", {
        signal,
        yields: () => {
          extra.close();
          return true;
        },
      });
      wanted.push(await connection.exec("cat", { signal }));
      assertEquals((await extra.exit).lost, true);
      assertEquals(server.sockets, 1);
      for (const stream of wanted) stream.close();
      connection.close();
    },
  );
}

withServer(
  "a command that a client waits for by now does not give way",
  { server: { maxSessions: 1 } },
  async ({ open, server }) => {
    const connection = await open();
    const first = await connection.exec("cat", {
      signal,
      yields: () => false,
    });
    (await connection.exec("cat", { signal })).close();
    assertEquals(server.sockets, 2);
    first.close();
    connection.close();
  },
);

withServer(
  "a host answers when it is asked, until its connection ends",
  {},
  async ({ open, server }) => {
    const connection = await open();
    await connection.awaitAnswer!(signal);
    const lost = connection.awaitAnswer!(signal);
    server.breakOff();
    for (const answer of [lost, connection.awaitAnswer!(signal)]) {
      const { phase, mayPass } = await assertRejects(
        () => answer,
        ConnectError,
        "Cannot start a command on web1: the connection is closed",
      );
      assertEquals([phase, mayPass], ["start", true]);
    }
  },
);

withServer(
  "a host that opens no session is reported",
  { server: { maxSessions: 0 } },
  async ({ open, server }) => {
    const connection = await open();
    const error = await assertRejects(
      () => connection.exec("true", { signal }),
      ConnectError,
      "Cannot start a command on web1: the host did not open a channel",
    );
    assertStringIncludes(error.hint ?? "", "MaxSessions");
    assertEquals(server.sockets, 1);
  },
);

withServer(
  "a command that was aborted is closed when it starts",
  { server: { ignoresExec: true } },
  async ({ open }) => {
    const connection = await open();
    const abort = new AbortController();
    const started = connection.exec("true", { signal: abort.signal });
    abort.abort(new RangeError("no longer wanted"));
    await assertRejects(() => started, RangeError, "no longer wanted");
  },
);

withServer(
  "a connection that closes while a command starts fails the start",
  { server: { ignoresExec: true } },
  async ({ open }) => {
    const connection = await open();
    const started = connection.exec("true", { signal });
    connection.close();
    const error = await assertRejects(() => started, ConnectError);
    assertEquals(error.phase, "start");
  },
);

for (
  const [stage, server] of [
    ["the handshake", { onSocket: () => {} }],
    ["the login", { authenticate: () => {} }],
  ] as const
) {
  withServer(
    `a signal ends the attempt during ${stage}`,
    { server },
    async ({ transport, endpoint }) => {
      const abort = new AbortController();
      const opening = transport.open(endpoint, {
        signal: abort.signal,
        onPhase: (phase) => {
          const last = stage === "the login" ? "auth" : "connect";
          if (phase === last) {
            queueMicrotask(() => abort.abort(new RangeError("stop")));
          }
        },
      });
      await assertRejects(() => opening, RangeError, "stop");
    },
  );
}

withServer(
  "a signal ends the wait for a handshake's turn",
  { server: { onSocket: () => {} }, ssh: { handshakes: 1 } },
  async ({ transport, endpoint }) => {
    const first = new AbortController();
    const second = new AbortController();
    const opening = [first, second].map(({ signal }) =>
      transport.open(endpoint, { signal })
    );
    second.abort(new RangeError("second"));
    await assertRejects(() => opening[1]!, RangeError, "second");
    first.abort(new RangeError("first"));
    await assertRejects(() => opening[0]!, RangeError, "first");
  },
);

withServer(
  "closing the transport ends attempts that are under way",
  { server: { onSocket: () => {} } },
  async ({ transport, endpoint }) => {
    const opening = transport.open(endpoint, { signal });
    transport.close();
    await assertRejects(() => opening, Error, "The transport was closed");
  },
);

withServer(
  "the phases are told in order",
  {},
  async ({ transport, server }) => {
    const phases: (Phase | undefined)[] = [];
    await transport.open(server.endpoint({ address: "127.0.0.1" }), {
      signal,
      onPhase: (phase) => phases.push(phase),
    });
    assertEquals(phases, ["connect", "hostkey", "auth"]);
  },
);

withServer(
  "a host may have an alias and files of known hosts to itself",
  { ssh: { knownHosts: known("") } },
  async ({ transport, server }) => {
    const file = `${server.folder}/known`;
    await Deno.writeTextFile(file, `the-alias ${server.hostKey}\n`);
    const settings = { hostKeyAlias: "the-alias", knownHostsFiles: [file] };
    await transport.open(server.endpoint({ ssh: settings }), { signal });
    const error = await assertRejects(
      () =>
        transport.open(
          server.endpoint({ ssh: { ...settings, hostKeyAlias: "other" } }),
          { signal },
        ),
      ConnectError,
    );
    assertEquals(error.phase, "hostkey");
  },
);

withServer(
  "a host may have a time limit to itself",
  { server: { onSocket: () => {} } },
  async ({ transport, server }) => {
    const endpoint = server.endpoint({ ssh: { connectTimeoutMs: 20 } });
    await assertRejects(
      () => transport.open(endpoint, { signal }),
      ConnectError,
      "did not answer within 0.02 s",
    );
  },
);

withServer(
  "a host may have algorithms to itself",
  {},
  async ({ transport, server }) => {
    const ssh = { algorithms: { ciphers: "aes256-ctr", kex: "-curve*" } };
    await transport.open(server.endpoint({ ssh }), { signal });
    assertEquals(server.ciphers, ["aes256-ctr"]);
  },
);

withServer(
  "a host with IdentitiesOnly is offered its own files, and no agent's keys",
  { ssh: { agentSocket: "/nowhere/agent" } },
  async ({ transport, server }) => {
    const ssh = { identitiesOnly: true, agentSocket: "" };
    await transport.open(server.endpoint({ ssh }), { signal });
    assertEquals(server.logins, 2); // none, and the only key
  },
);
