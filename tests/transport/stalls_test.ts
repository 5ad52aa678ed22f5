// Hosts that stop at one step of the way and say nothing more. Each wait has a
// bound, and its error says how far the host came.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import type { Socket } from "node:net";
import { ConnectError } from "../../src/errors.ts";
import { createOpensshTransport } from "../../src/transport/openssh/openssh_transport.ts";
import type { AttemptLimits } from "../../src/transport/ssh/connection/connect_attempts.ts";
import {
  createSshTransport,
  parseKnownHosts,
} from "../../src/transport/ssh/ssh_transport.ts";
import type {
  Connection,
  Endpoint,
  Transport,
} from "../../src/transport/transport.ts";
import { needProgram } from "../support/need.ts";
import {
  type SshServer,
  type SshServerOptions,
  startSshServer,
} from "../support/ssh_server.ts";

/** Short, and long enough for a host that answers. */
const LIMITS: AttemptLimits = { connectTimeoutMs: 600, startMs: 400 };
const UNHURRIED: AttemptLimits = { connectTimeoutMs: 20_000, startMs: 400 };
const signal = new AbortController().signal;
const sshNeed = needProgram("ssh");

const TRANSPORTS = {
  ssh: (server: SshServer, limits: AttemptLimits) =>
    createSshTransport({
      knownHosts: parseKnownHosts([{
        path: "known_hosts",
        text: server.knownHosts,
      }]),
      agentSocket: "",
      home: server.folder,
      password: () => Promise.resolve("secret"),
      ...limits,
    }),
  openssh: (server: SshServer, limits: AttemptLimits) =>
    createOpensshTransport({ agentSocket: "", home: server.folder, ...limits }),
};

/** A server, one of the transports, and how to get there by it. */
async function withServer(
  kind: keyof typeof TRANSPORTS,
  options: SshServerOptions,
  limits: AttemptLimits,
  fn: (transport: Transport, endpoint: Endpoint) => Promise<void>,
): Promise<void> {
  const server = await startSshServer(options);
  const knownHosts = join(server.folder, "known_hosts");
  await Deno.writeTextFile(knownHosts, server.knownHosts);
  const transport = TRANSPORTS[kind](server, limits);
  try {
    await fn(
      transport,
      server.endpoint({
        transport: kind,
        openssh: {
          destination: "127.0.0.1",
          user: "deploy",
          port: server.port,
          identityFiles: [server.identityFile],
          config: "none",
          forAll: { knownHostsFiles: [knownHosts] },
        },
      }),
    );
  } finally {
    transport.close();
    await server.stop();
  }
}

/** A server whose socket takes `count` writes, and drops all that follow. */
function muteAfter(count: number) {
  return (socket: Socket, serve: () => void) => {
    const write = socket.write.bind(socket);
    let writes = 0;
    socket.write =
      ((...args: Parameters<typeof write>) =>
        ++writes > count || write(...args)) as typeof write;
    serve();
  };
}

/** The stalls before a user is let in, and the phase that they are told in. */
const LOGINS: readonly [string, SshServerOptions, string][] = [
  ["says nothing at all", { onSocket: () => {} }, "connect"],
  ["says what it is and nothing more", {
    onSocket: (socket) => void socket.write("SSH-2.0-stalls\r\n"),
  }, "connect"],
  ["never ends its greeting", {
    onSocket: (socket) => {
      const timer = setInterval(() => socket.write("wait\r\n"), 20);
      socket.on("close", () => clearInterval(timer));
    },
  }, "connect"],
  [
    "begins a key exchange and leaves it",
    { onSocket: muteAfter(2) },
    "connect",
  ],
  ["judges no key", { authenticate: () => {} }, "auth"],
  ["never goes on with its questions", {
    authenticate: (context) =>
      context.method === "keyboard-interactive"
        ? context.prompt([{ prompt: "Password: ", echo: false }], () => {})
        : context.reject(["keyboard-interactive"]),
  }, "auth"],
];

for (const [what, options, phase] of LOGINS) {
  for (const kind of ["ssh", "openssh"] as const) {
    // The system's ssh is given no password.
    if (kind === "openssh" && what.includes("questions")) continue;
    const { ignore, suffix } = kind === "ssh"
      ? { ignore: false, suffix: "" }
      : sshNeed;
    Deno.test({
      name: `${kind} gives up a host that ${what}${suffix}`,
      ignore,
      fn: () =>
        withServer(kind, options, LIMITS, async (transport, endpoint) => {
          const error = await assertRejects(
            () => transport.open(endpoint, { signal }),
            ConnectError,
            "within 0.6 s",
          );
          assertEquals(error.phase, phase);
        }),
    });
  }
}

Deno.test("ssh gives up a host that stops at any packet before the login ends", async () => {
  let opened = 0;
  const phases = new Set<string>();
  await Promise.all(
    [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 50].map((count) =>
      withServer(
        "ssh",
        { onSocket: muteAfter(count) },
        { connectTimeoutMs: 1500 },
        async (transport, endpoint) => {
          try {
            await transport.open(endpoint, { signal });
            opened++;
          } catch (error) {
            assert(error instanceof ConnectError, String(error));
            phases.add(error.phase);
          }
        },
      )
    ),
  );
  assert(opened > 0, "the login ends after a number of packets");
  assertEquals([...phases].sort(), ["auth", "connect", "hostkey"]);
});

/** The stalls once a user is in. */
const STARTS: readonly [string, SshServerOptions, boolean][] = [
  ["never opens a session", { ignoresSession: true }, false],
  ["never answers an exec", { ignoresExec: true }, false],
  ["never answers a request for a terminal", { ignoresTerminal: true }, true],
];

for (const [what, options, terminal] of STARTS) {
  for (const kind of ["ssh", "openssh"] as const) {
    // Our part of the openssh transport wants no answer to that one.
    if (kind === "openssh" && terminal) continue;
    const { ignore, suffix } = kind === "ssh"
      ? { ignore: false, suffix: "" }
      : sshNeed;
    Deno.test({
      name: `${kind} starts nothing on a host that ${what}${suffix}`,
      ignore,
      fn: () =>
        withServer(kind, options, UNHURRIED, async (transport, endpoint) => {
          const connection: Connection = await transport.open(endpoint, {
            signal,
          });
          const error = await assertRejects(
            () => connection.exec("true", { signal, terminal }),
            ConnectError,
            "it did not answer within 0.4 s",
          );
          assertEquals([error.phase, error.mayPass], ["start", false]);
          connection.close();
          await connection.closed;
        }),
    });
  }
}

Deno.test("a connection to a host that confirms nothing any more closes", async () => {
  const server = await startSshServer();
  const transport = TRANSPORTS.ssh(server, UNHURRIED);
  try {
    const connection = await transport.open(server.endpoint(), { signal });
    const stream = await connection.exec("sleep 60", { signal });
    server.goDeaf();
    stream.close();
    assertEquals((await stream.exit).lost, true);
    connection.close();
    assertEquals(await connection.closed, undefined);
  } finally {
    transport.close();
    await server.stop();
  }
});

Deno.test("a host that never answers a keepalive is lost", async () => {
  const server = await startSshServer();
  const transport = TRANSPORTS.ssh(server, UNHURRIED);
  try {
    const connection = await transport.open(
      server.endpoint({ ssh: { keepaliveMs: 100, keepaliveCount: 2 } }),
      { signal },
    );
    const stream = await connection.exec("sleep 60", { signal });
    server.goDeaf();
    assertEquals((await stream.exit).lost, true);
    const error = await connection.closed;
    assertEquals(error?.message.includes("stopped responding"), true);
  } finally {
    transport.close();
    await server.stop();
  }
});

Deno.test("a host with one keepalive a month is not lost at once", async () => {
  const server = await startSshServer();
  const transport = TRANSPORTS.ssh(server, UNHURRIED);
  try {
    const connection = await transport.open(
      server.endpoint({ ssh: { keepaliveMs: 2 ** 32, keepaliveCount: 1 } }),
      { signal },
    );
    server.goDeaf();
    const stream = connection.exec("true", { signal });
    await assertRejects(() => stream, ConnectError, "did not answer");
  } finally {
    transport.close();
    await server.stop();
  }
});

Deno.test("a host whose bastion never opens the channel is given up", async () => {
  const bastion = await startSshServer({
    onReady: (connection) => connection.on("tcpip", () => {}),
  });
  try {
    await withServer("ssh", {}, LIMITS, async (_, endpoint) => {
      const transport = createSshTransport({
        knownHosts: parseKnownHosts([{
          path: "known_hosts",
          text: bastion.knownHosts,
        }]),
        agentSocket: "",
        home: bastion.folder,
        ...LIMITS,
      });
      try {
        const error = await assertRejects(
          () =>
            transport.open({
              ...endpoint,
              jumps: [bastion.endpoint({ name: "bastion" })],
            }, { signal }),
          ConnectError,
          "within 0.6 s",
        );
        assertEquals(error.phase, "connect");
      } finally {
        transport.close();
      }
    });
  } finally {
    await bastion.stop();
  }
});

Deno.test("a proxy command that says nothing and ignores TERM is given up and ended", async () => {
  const folder = await Deno.makeTempDir();
  const pidFile = join(folder, "pid");
  await withServer("ssh", {}, LIMITS, async (transport, endpoint) => {
    const script = join(folder, "proxy");
    await Deno.writeTextFile(
      script,
      `#!/bin/sh\ntrap '' TERM\necho $$ >${pidFile}\nwhile :; do sleep 1; done\n`,
      { mode: 0o755 },
    );
    const error = await assertRejects(
      () => transport.open({ ...endpoint, proxyCommand: script }, { signal }),
      ConnectError,
      "the proxy command did not answer within 0.6 s",
    );
    assertEquals(error.phase, "connect");
    const pid = (await Deno.readTextFile(pidFile)).trim();
    while (await isRunning(pid)) await new Promise((go) => setTimeout(go, 50));
  });
  await Deno.remove(folder, { recursive: true });
});

/** Programs in place of `ssh`. */
const PROGRAMS: readonly [string, string, string][] = [
  ["never listens", "exec sleep 60", "within 0.6 s"],
  [
    "leaves a process that holds its outputs open",
    "setsid sleep 60 & echo $! >$HOME/left; exec sleep 60",
    "within 0.6 s",
  ],
  [
    "listens and never answers",
    `while [ "$1" != -S ]; do shift; done
exec python3 -c "
import socket, sys, time
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(5)
print('listens', flush=True); time.sleep(60)" "$2"`,
    "within 0.6 s",
  ],
];

for (const [what, script, message] of PROGRAMS) {
  Deno.test(`an ssh that ${what} is given up`, async () => {
    const home = await Deno.makeTempDir();
    const program = join(home, "ssh");
    await Deno.writeTextFile(program, `#!/bin/sh\nHOME=${home}\n${script}\n`, {
      mode: 0o755,
    });
    const transport = createOpensshTransport({ program, home, ...LIMITS });
    try {
      await assertRejects(
        () =>
          transport.open({
            name: "web1",
            transport: "openssh",
            address: "127.0.0.1",
            port: 22,
            user: "deploy",
            identityFiles: [],
          }, { signal }),
        ConnectError,
        message,
      );
    } finally {
      transport.close();
      const left = await Deno.readTextFile(join(home, "left")).catch(() => "");
      if (left !== "") Deno.kill(Number(left), "SIGKILL");
      await Deno.remove(home, { recursive: true });
    }
  });
}

async function isRunning(pid: string): Promise<boolean> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  return stat !== "" && !/\) [ZX] /.test(stat);
}
