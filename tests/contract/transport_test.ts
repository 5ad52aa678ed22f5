// What every transport must do, run against each of them: on this machine,
// against an SSH server in this process, and against OpenSSH's.
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { elevate } from "../../src/core/become/elevate.ts";
import { ConnectError } from "../../src/errors.ts";
import { createLocalTransport } from "../../src/transport/local/local_transport.ts";
import { parseKnownHosts } from "../../src/transport/known_hosts/known_hosts.ts";
import { createOpensshTransport } from "../../src/transport/openssh/openssh_transport.ts";
import { createSshTransport } from "../../src/transport/ssh/ssh_transport.ts";
import type {
  Connection,
  Endpoint,
  Stream,
  Transport,
} from "../../src/transport/transport.ts";
import {
  startTestFleet,
  type TestFleet,
  testFleetNeed,
} from "../support/fleet/fleet.ts";
import { isThorough } from "../support/fleet/suite.ts";
import { needProgram } from "../support/need.ts";
import { SessionLab, sessionTransport } from "../support/session_lab.ts";
import { makeWorkers } from "../support/worker_lab.ts";
import { startSshServer } from "../support/ssh_server.ts";
import { type Sshd, sshdNeed, startSshd } from "../support/sshd.ts";

interface Lab {
  readonly transport: Transport;
  readonly endpoint: Endpoint;
  stop(): Promise<void>;
}

interface Kind {
  readonly name: string;
  readonly ignore?: boolean;
  start(): Promise<Lab>;
}

const sudoNeed = needProgram("sudo");

/** A transport whose commands all run as root, by sudo. */
function elevated(transport: Transport): Transport {
  return {
    open: async (endpoint, options) =>
      elevate(await transport.open(endpoint, options), {
        become: {
          method: "sudo",
          user: "root",
          password: () => Promise.resolve(undefined),
        },
        timeoutMs: 20_000,
        takePassword: () =>
          Promise.resolve({ password: undefined, end: () => {} }),
      }),
    close: () => transport.close(),
  };
}

const KINDS: readonly Kind[] = [
  {
    name: "local",
    start: () =>
      Promise.resolve({
        transport: createLocalTransport(),
        endpoint: {
          name: "here",
          transport: "local",
          address: "here",
          port: 22,
          user: "me",
          identityFiles: [],
        },
        stop: () => Promise.resolve(),
      }),
  },
  {
    name: "ssh to a server in this process",
    start: async () => {
      const server = await startSshServer();
      return {
        transport: sshTransport(server.knownHosts),
        endpoint: server.endpoint(),
        stop: server.stop,
      };
    },
  },
  {
    name: `another user by sudo${sudoNeed.suffix}`,
    ignore: sudoNeed.ignore || Deno.uid() !== 0,
    start: () =>
      Promise.resolve({
        transport: elevated(createLocalTransport()),
        endpoint: {
          name: "here",
          transport: "local",
          address: "here",
          port: 22,
          user: "me",
          identityFiles: [],
        },
        stop: () => Promise.resolve(),
      }),
  },
  {
    name: `ssh to OpenSSH${sshdNeed.suffix}`,
    ignore: sshdNeed.ignore,
    start: async () => {
      const sshd = await startSshd();
      return {
        transport: sshTransport(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}`),
        endpoint: { ...endpointOf(sshd), transport: "ssh" },
        stop: sshd.stop,
      };
    },
  },
  {
    name: `ssh in a session${sshdNeed.suffix}`,
    ignore: sshdNeed.ignore,
    start: async () => {
      const sshd = await startSshd();
      const knownHosts = `${sshd.folder}/known_hosts`;
      await Deno.writeTextFile(
        knownHosts,
        `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`,
      );
      const session = await SessionLab.start();
      return {
        transport: sessionTransport(await session.pool()),
        endpoint: {
          ...endpointOf(sshd),
          transport: "ssh",
          ssh: { knownHostsFiles: [knownHosts] },
        },
        stop: async () => {
          await session[Symbol.asyncDispose]();
          await sshd.stop();
        },
      };
    },
  },
  {
    name: `ssh in a worker${sshdNeed.suffix}`,
    ignore: sshdNeed.ignore,
    start: async () => {
      const sshd = await startSshd();
      const knownHosts = `${sshd.folder}/known_hosts`;
      await Deno.writeTextFile(
        knownHosts,
        `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`,
      );
      const workers = await makeWorkers(1);
      return {
        transport: sessionTransport(workers),
        endpoint: {
          ...endpointOf(sshd),
          transport: "ssh",
          ssh: { knownHostsFiles: [knownHosts] },
        },
        stop: async () => {
          await workers.close();
          await sshd.stop();
        },
      };
    },
  },
  {
    name: `OpenSSH's ssh${sshdNeed.suffix}`,
    ignore: sshdNeed.ignore,
    start: async () => {
      const sshd = await startSshd();
      const knownHosts = `${sshd.folder}/known_hosts`;
      await Deno.writeTextFile(
        knownHosts,
        `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`,
      );
      return {
        transport: createOpensshTransport({ home: sshd.folder }),
        endpoint: {
          ...endpointOf(sshd),
          transport: "openssh",
          ssh: { knownHostsFiles: [knownHosts] },
        },
        stop: sshd.stop,
      };
    },
  },
  {
    name: `ssh through two bastions${testFleetNeed.suffix}`,
    ignore: testFleetNeed.ignore,
    start: () => startBehindBastions("ssh"),
  },
  {
    name: isThorough
      ? `OpenSSH's ssh through two bastions${testFleetNeed.suffix}`
      : "OpenSSH's ssh through two bastions [only by deno task test:fleet]",
    ignore: testFleetNeed.ignore || !isThorough,
    start: () => startBehindBastions("openssh"),
  },
];

/** One server for all tests of the file: starting it takes longer than any test. */
let fleet: Promise<TestFleet> | undefined;

Deno.test.afterAll(async () => {
  await (await fleet)?.[Symbol.asyncDispose]();
});

async function startBehindBastions(
  transport: "ssh" | "openssh",
): Promise<Lab> {
  const { endpoint, folder } = await (fleet ??= startTestFleet());
  return {
    transport: transport === "ssh"
      ? sshTransport("")
      : createOpensshTransport({ agentSocket: "", home: folder }),
    endpoint: await endpoint("deep", { transport, user: "root" }),
    stop: () => Promise.resolve(),
  };
}

function endpointOf(sshd: Sshd): Omit<Endpoint, "transport"> {
  return {
    name: "web1",
    address: "127.0.0.1",
    port: sshd.port,
    user: sshd.user,
    identityFiles: [sshd.identityFile],
  };
}

const signal = new AbortController().signal;
const MIB = 1024 * 1024;

/** Registers a case for each kind of transport. */
function contract(
  name: string,
  fn: (connection: Connection, lab: Lab) => Promise<void>,
): void {
  for (const kind of KINDS) {
    Deno.test({
      name: `${kind.name}: ${name}`,
      ignore: kind.ignore ?? false,
      fn: async () => {
        const lab = await kind.start();
        try {
          const connection = await lab.transport.open(lab.endpoint, { signal });
          try {
            await fn(connection, lab);
          } finally {
            connection.close();
            await connection.closed;
          }
        } finally {
          lab.transport.close();
          await lab.stop();
        }
      },
    });
  }
}

contract("a command's exit status is reported", async (connection) => {
  const { exit } = await run(connection, "exit 7");
  assertEquals(exit, { code: 7, signal: null, lost: false });
});

contract("a command killed by a signal has no status", async (connection) => {
  const { exit } = await run(connection, "kill -KILL $$");
  assertEquals(exit, { code: null, signal: "KILL", lost: false });
});

contract("stdout and stderr are kept apart", async (connection) => {
  const { stdout, stderr } = await run(connection, "echo out; echo err >&2");
  assertEquals([stdout, stderr], ["out\n", "err\n"]);
});

contract("a command that does not exist has status 127", async (connection) => {
  const { exit, stderr } = await run(connection, "/nowhere/no-such-command");
  assertEquals(exit, { code: 127, signal: null, lost: false });
  assert(stderr.includes("no-such-command"));
});

contract("closing stdin is the end of input", async (connection) => {
  const { stdout, exit } = await run(connection, "cat; echo end");
  assertEquals(stdout, "end\n");
  assertEquals(exit.code, 0);
});

contract("8 MiB come back unchanged", async (connection) => {
  const bytes = pattern(8 * MIB);
  const stream = await connection.exec("cat", { signal });
  const [, echoed] = await Promise.all([
    new Blob([bytes]).stream().pipeTo(stream.stdin),
    new Response(stream.stdout).bytes(),
    stream.stderr.cancel(),
  ]);
  assertEquals(await sha256(echoed), await sha256(bytes));
  assertEquals((await stream.exit).code, 0);
});

contract("many commands run side by side", async (connection) => {
  const results = await Promise.all(
    Array.from(
      { length: 10 },
      (_, i) => run(connection, `read x; echo ${i}$x; exit ${i}`, `-${i}\n`),
    ),
  );
  assertEquals(
    results.map(({ stdout, exit }) => [stdout, exit.code]),
    Array.from({ length: 10 }, (_, i) => [`${i}-${i}\n`, i]),
  );
});

contract(
  "an unread output makes the command wait",
  async (connection) => {
    // It would write 64 MiB; were they taken in, the next command's answer, which
    // comes after them on the same connection, would come after its `exit`.
    const stream = await connection.exec(
      "head -c 67108864 /dev/zero && exit 3",
      { signal },
    );
    const first = await run(connection, "echo meanwhile");
    assertEquals(first.stdout, "meanwhile\n");
    const before = await Promise.race([
      stream.exit,
      Promise.resolve("running"),
    ]);
    assertEquals(before, "running");
    let bytes = 0;
    for await (const chunk of stream.stdout) bytes += chunk.byteLength;
    assertEquals(bytes, 64 * MIB);
    await stream.stderr.cancel();
    assertEquals((await stream.exit).code, 3);
  },
);

contract("a write waits until the command has room", async (connection) => {
  await withFifo(async (fifo) => {
    const waiting = await connection.exec(`cat ${fifo}`, { signal });
    const writer = waiting.stdin.getWriter();
    const chunk = pattern(MIB);
    let written = 0;
    const writing = (async () => {
      for (; written < 64; written++) await writer.write(chunk);
    })();
    await run(connection, "echo");
    waiting.close();
    await assertRejects(() => writing, Error, "the command has ended");
    assert(written < 16, `${written} MiB were taken`);
    await waiting.exit;
    await run(connection, `echo 1<>${fifo}`); // lets it end where it still runs
  });
});

contract(
  "close() ends a command and its outputs",
  async (connection) => {
    const stream = await connection.exec("echo ready; cat; exit 5", { signal });
    const reader = stream.stdout.getReader();
    const { value } = await reader.read();
    assertEquals(new TextDecoder().decode(value), "ready\n");
    const pending = reader.read();
    stream.close();
    stream.close();
    assertEquals((await pending).done, true);
    const exit = await stream.exit;
    assertEquals(exit.code, null);
    assertEquals(
      (await run(connection, "echo still here")).stdout,
      "still here\n",
    );
  },
);

contract("close() ends the command's input", async (connection) => {
  await withFifo(async (fifo) => {
    const stream = await connection.exec(
      `exec 2>/dev/null; trap 'echo ended >${fifo}' EXIT; trap exit TERM; echo ready; cat`,
      { signal },
    );
    await stream.stdout.getReader().read();
    const witness = run(connection, `cat ${fifo}`);
    stream.close();
    assertEquals((await witness).stdout, "ended\n");
  });
});

contract("closing the connection ends every command", async (connection) => {
  const streams = await Promise.all(
    [1, 2, 3].map(() => connection.exec("cat", { signal })),
  );
  connection.close();
  connection.close();
  for (const stream of streams) assertEquals((await stream.exit).code, null);
  assertEquals(await connection.closed, undefined);
  await assertRejects(
    () => connection.exec("true", { signal }),
    ConnectError,
    "the connection is closed",
  );
});

contract(
  "closing the transport closes its connections",
  async (connection, lab) => {
    lab.transport.close();
    assertEquals(await connection.closed, undefined);
  },
);

contract(
  "an aborted signal opens and starts nothing",
  async (connection, lab) => {
    const aborted = AbortSignal.abort(new RangeError("no longer wanted"));
    await assertRejects(
      () => lab.transport.open(lab.endpoint, { signal: aborted }),
      RangeError,
    );
    await assertRejects(
      () => connection.exec("true", { signal: aborted }),
      RangeError,
    );
  },
);

contract(
  "a signal that aborts later does not end the command",
  async (connection) => {
    const abort = new AbortController();
    const stream = await connection.exec("read x; exit 4", {
      signal: abort.signal,
    });
    abort.abort();
    await stream.stdin.close();
    await discard(stream);
    assertEquals((await stream.exit).code, 4);
  },
);

contract("what is written after the end is refused", async (connection) => {
  const stream = await connection.exec("exit 0", { signal });
  await stream.exit;
  const writer = stream.stdin.getWriter();
  await assertRejects(() => writer.write(pattern(10)), Error, "has ended");
  await discard(stream);
});

contract("a terminal is opened or refused", async (connection) => {
  const options = { signal, terminal: true };
  const stream = await connection.exec("tty; read -r x; echo got $x", options)
    .catch((error) => error);
  if (stream instanceof ConnectError) {
    return assertEquals(stream.phase, "start");
  }
  const writer = stream.stdin.getWriter();
  await writer.write(new TextEncoder().encode("it\n"));
  const [stdout, exit] = await Promise.all([
    new Response(stream.stdout).text(),
    stream.exit,
    stream.stderr.cancel(),
  ]);
  assertMatch(stdout, /^\/dev\/\S+\r$/m);
  assertMatch(stdout, /^got it\r$/m);
  assertEquals(exit.code, 0);
});

/** Runs a command to its end. */
async function run(connection: Connection, command: string, input = "") {
  const stream = await connection.exec(command, { signal });
  const writer = stream.stdin.getWriter();
  // A command that has ended already reads no input; that is not a failure.
  writer.write(new TextEncoder().encode(input)).catch(() => {});
  writer.close().catch(() => {});
  const [stdout, stderr, exit] = await Promise.all([
    new Response(stream.stdout).text(),
    new Response(stream.stderr).text(),
    stream.exit,
  ]);
  return { stdout, stderr, exit };
}

/** Makes a FIFO by which commands on the host wait for each other. */
async function withFifo(fn: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ftl-contract-" });
  try {
    const fifo = `${folder}/fifo`;
    await new Deno.Command("mkfifo", { args: [fifo] }).output();
    await fn(fifo);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function discard(stream: Stream): Promise<void> {
  await Promise.all([stream.stdout.cancel(), stream.stderr.cancel()]);
}

function sshTransport(knownHosts: string): Transport {
  return createSshTransport({
    knownHosts: parseKnownHosts([{ path: "known_hosts", text: knownHosts }]),
    agentSocket: "",
  });
}

function pattern(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 11)) & 0xff;
  return bytes;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(hash).toHex();
}
