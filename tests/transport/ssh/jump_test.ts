// Ways to a host other than a socket of its own: other hosts, and commands.
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { ConnectError, type Phase } from "../../../src/errors.ts";
import {
  createSshTransport,
  parseKnownHosts,
} from "../../../src/transport/ssh/ssh_transport.ts";
import type {
  Connection,
  Endpoint,
  Transport,
} from "../../../src/transport/transport.ts";
import { startSshServer } from "../../support/ssh_server.ts";
import { type Sshd, sshdNeed, startSshd } from "../../support/sshd.ts";

const signal = new AbortController().signal;

interface Lab {
  readonly sshds: readonly Sshd[];
  readonly transport: Transport;
  /** The endpoint of a server, by number, with other servers as its bastions. */
  endpoint(number: number, jumps?: readonly number[]): Endpoint;
  stop(number: number): Promise<void>;
}

function withSshds(
  name: string,
  count: number,
  fn: (lab: Lab) => Promise<void>,
): void {
  Deno.test({
    name: name + sshdNeed.suffix,
    ignore: sshdNeed.ignore,
    fn: async () => {
      const sshds = await Promise.all(
        Array.from({ length: count }, () => startSshd()),
      );
      const transport = createSshTransport({
        knownHosts: parseKnownHosts([{
          path: "known_hosts",
          text: sshds.map(({ port, hostKey }) =>
            `[127.0.0.1]:${port} ${hostKey}\n`
          ).join(""),
        }]),
        agentSocket: "",
      });
      const endpoint = (
        number: number,
        jumps: readonly number[] = [],
      ): Endpoint => {
        const { port, user, identityFile } = sshds[number]!;
        return {
          name: `host${number}`,
          transport: "ssh",
          address: "127.0.0.1",
          port,
          user,
          identityFiles: [identityFile],
          jumps: jumps.map((jump) => endpoint(jump)),
        };
      };
      const running = new Set(sshds.keys());
      const stop = async (number: number) => {
        running.delete(number);
        await sshds[number]!.stop();
      };
      try {
        await fn({ sshds, transport, endpoint, stop });
      } finally {
        transport.close();
        for (const number of [...running]) await stop(number);
      }
    },
  });
}

async function run(connection: Connection, command: string): Promise<string> {
  const stream = await connection.exec(command, { signal });
  await stream.stderr.cancel();
  const text = await new Response(stream.stdout).text();
  await stream.exit;
  return text;
}

function logins(sshd: Sshd): number {
  return sshd.log().split("Accepted publickey").length - 1;
}

withSshds(
  "hosts behind a bastion share one connection to it",
  2,
  async (lab) => {
    const connections = await Promise.all(
      Array.from(
        { length: 12 },
        () => lab.transport.open(lab.endpoint(1, [0]), { signal }),
      ),
    );
    const texts = await Promise.all(
      connections.map((connection, i) => run(connection, `echo ${i}`)),
    );
    assertEquals(texts, connections.map((_, i) => `${i}\n`));
    assertEquals(lab.sshds.map(logins), [1, 12]);
  },
);

withSshds("a chain of bastions is used in order", 3, async (lab) => {
  const phases: (Phase | undefined)[] = [];
  const connection = await lab.transport.open(lab.endpoint(2, [0, 1]), {
    signal,
    onPhase: (phase) => phases.push(phase),
  });
  assertEquals(await run(connection, "echo there"), "there\n");
  assertEquals(phases, ["connect", "hostkey", "auth"]);
  // The first is also reached directly, by a connection of its own.
  await lab.transport.open(lab.endpoint(0), { signal });
  assertEquals(lab.sshds.map(logins), [2, 1, 1]);
});

withSshds(
  "a bastion that is lost loses the hosts behind it",
  2,
  async (lab) => {
    const connection = await lab.transport.open(lab.endpoint(1, [0]), {
      signal,
    });
    const stream = await connection.exec("cat", { signal });
    await lab.stop(0);
    assertEquals(await stream.exit, { code: null, signal: null, lost: true });
    assert(await connection.closed instanceof ConnectError);
  },
);

withSshds("a bastion that refuses the login is named", 1, async (lab) => {
  const closed = await startSshServer();
  await closed.stop();
  const error = await assertRejects(
    () =>
      lab.transport.open({
        ...lab.endpoint(0),
        jumps: [closed.endpoint({ name: "bastion" })],
      }, { signal }),
    ConnectError,
  );
  assertEquals(
    error.message,
    `Cannot reach host0 through bastion: Cannot reach bastion: 127.0.0.1 port ${closed.port} refused the connection`,
  );
  assertEquals([error.host, error.phase], ["host0", "connect"]);
});

withSshds(
  "a host that its bastion cannot reach is reported",
  1,
  async (lab) => {
    const closed = await startSshServer();
    await closed.stop();
    const error = await assertRejects(
      () =>
        lab.transport.open({
          ...closed.endpoint(),
          jumps: [lab.endpoint(0)],
        }, { signal }),
      ConnectError,
    );
    assertStringIncludes(
      error.message,
      `its bastion host0 cannot connect to 127.0.0.1 port ${closed.port}`,
    );
  },
);

withSshds(
  "a bastion that one host gave up on serves the others",
  2,
  async (lab) => {
    const abort = new AbortController();
    const first = lab.transport.open(lab.endpoint(1, [0]), {
      signal: abort.signal,
    });
    const second = lab.transport.open(lab.endpoint(1, [0]), { signal });
    abort.abort(new RangeError("gave up"));
    await assertRejects(() => first, RangeError);
    assertEquals(await run(await second, "echo here"), "here\n");
  },
);

withSshds("a proxy command carries a connection", 2, async (lab) => {
  const [bastion] = lab.sshds;
  const { port } = lab.endpoint(1);
  const connection = await lab.transport.open({
    ...lab.endpoint(1),
    address: "127.0.0.1",
    proxyCommand:
      `ssh -F none -i ${bastion!.identityFile} -p ${bastion!.port} ` +
      "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null " +
      `-W 127.0.0.1:${port} 127.0.0.1`,
  }, { signal });
  assertEquals(await run(connection, "echo through"), "through\n");
  connection.close();
  assertEquals(await connection.closed, undefined);
});

Deno.test("a proxy command that fails is heard", () => hearProxy());

Deno.test("a proxy command is heard that ended before it could be written to", async () => {
  const memory = new Int32Array(new SharedArrayBuffer(4));
  const busy = setInterval(() => Atomics.wait(memory, 0, 0, 50), 0);
  await hearProxy().finally(() => clearInterval(busy));
});

async function hearProxy(): Promise<void> {
  const { message, phase } = await failProxy(
    "sh -c 'echo no such tunnel >&2; exit 3'",
  );
  assertEquals(
    message,
    "Cannot reach web1: the proxy command ended with status 3: no such tunnel",
  );
  assertEquals(phase, "connect");
}

Deno.test("a proxy command that cannot be started fails its host, not the process", async () => {
  // The system takes no word as long as this one.
  const { message, phase } = await failProxy("x".repeat(200_000));
  assertMatch(
    message,
    /^Cannot reach web1: the proxy command cannot be started: .*too long/,
  );
  assertEquals(phase, "connect");
});

/** Connects through a proxy command in vain. */
async function failProxy(proxyCommand: string): Promise<ConnectError> {
  const transport = createSshTransport({
    knownHosts: parseKnownHosts([]),
    agentSocket: "",
  });
  const error = await assertRejects(
    () =>
      transport.open({
        name: "web1",
        transport: "ssh",
        address: "web1",
        port: 22,
        user: "deploy",
        identityFiles: [],
        proxyCommand,
      }, { signal }),
    ConnectError,
  );
  transport.close();
  return error;
}

Deno.test("a proxy command that hangs is ended with the attempt", async () => {
  const transport = createSshTransport({
    knownHosts: parseKnownHosts([]),
    agentSocket: "",
    connectTimeoutMs: 50,
  });
  const error = await assertRejects(
    () =>
      transport.open({
        name: "web1",
        transport: "ssh",
        address: "web1",
        port: 22,
        user: "deploy",
        identityFiles: [],
        proxyCommand: "sleep 1000",
      }, { signal }),
    ConnectError,
  );
  assertMatch(error.message, /did not answer within 0.05 s/);
  transport.close();
});

Deno.test("no more proxy commands than handshakes wait for their server at once", async () => {
  const folder = await Deno.makeTempDir();
  const transport = createSshTransport({
    ...{ knownHosts: parseKnownHosts([]), agentSocket: "", handshakes: 2 },
  });
  const stop = new AbortController();
  const openings = Array.from({ length: 6 }, (_, i) =>
    transport.open({
      name: `web${i}`,
      transport: "ssh",
      address: `web${i}`,
      port: 22,
      user: "deploy",
      identityFiles: [],
      proxyCommand: `sh -c ': > ${folder}/$$; exec sleep 1000'`,
    }, { signal: stop.signal }));
  const started = () => [...Deno.readDirSync(folder)].length;
  while (started() < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => setTimeout(resolve, 200));
  assertEquals(started(), 2);
  stop.abort(new RangeError("stop"));
  for (const opening of openings) {
    await assertRejects(() => opening, RangeError, "stop");
  }
  transport.close();
  await Deno.remove(folder, { recursive: true });
});
