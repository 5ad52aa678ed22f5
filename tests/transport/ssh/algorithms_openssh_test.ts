// What ftl offers works with OpenSSH's server, one algorithm at a time, and goes
// on working when the server asks for new keys all the time.
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { offeredAlgorithms } from "../../../src/transport/ssh/connection/algorithms.ts";
import {
  createSshTransport,
  parseKnownHosts,
} from "../../../src/transport/ssh/ssh_transport.ts";
import type {
  Connection,
  SshHostSettings,
} from "../../../src/transport/transport.ts";
import { sshdNeed, startSshd } from "../../support/sshd.ts";

const signal = new AbortController().signal;

/** Registers a test with a connection to a server. */
function withConnection(
  name: string,
  { config, algorithms = {}, keys = [] }: {
    config: readonly string[];
    algorithms?: NonNullable<SshHostSettings["algorithms"]>;
    /** Of the server, beside its ed25519 key: arguments of ssh-keygen. */
    keys?: readonly string[];
  },
  fn: (connection: Connection) => Promise<void>,
): void {
  Deno.test({
    name: name + sshdNeed.suffix,
    ignore: sshdNeed.ignore,
    fn: async () => {
      const folder = await Deno.makeTempDir({ prefix: "ftl-algorithms-" });
      const key = join(folder, "key");
      const more = keys.length > 0 ? [`HostKey ${key}`] : [];
      if (keys.length > 0) await makeKey(key, keys);
      const sshd = await startSshd({ config: [...config, ...more] });
      const transport = createSshTransport({
        knownHosts: parseKnownHosts([]),
        hostKeys: "off",
        agentSocket: "",
      });
      try {
        const connection = await transport.open({
          name: "web1",
          transport: "ssh",
          address: "127.0.0.1",
          port: sshd.port,
          user: sshd.user,
          identityFiles: [sshd.identityFile],
          ssh: { algorithms },
        }, { signal });
        await fn(connection);
        connection.close();
      } finally {
        transport.close();
        await sshd.stop();
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

async function makeKey(path: string, words: readonly string[]): Promise<void> {
  const { code } = await new Deno.Command("ssh-keygen", {
    args: ["-q", "-N", "", "-f", path, ...words],
  }).output();
  assertEquals(code, 0);
}

async function runsTrue(connection: Connection): Promise<void> {
  const stream = await connection.exec("true", { signal });
  assertEquals((await stream.exit).code, 0);
}

const offered = offeredAlgorithms([]);
const onRequest = ["diffie-hellman-group-exchange-sha256"];

for (const kex of [...String(offered.kex).split(","), ...onRequest]) {
  withConnection(`${kex} works with OpenSSH`, {
    config: [`KexAlgorithms ${kex}`],
    algorithms: { kex: `+${kex}` },
  }, runsTrue);
}

const KEYS: Readonly<Record<string, readonly string[]>> = {
  "ecdsa-sha2-nistp256": ["-t", "ecdsa", "-b", "256"],
  "ecdsa-sha2-nistp384": ["-t", "ecdsa", "-b", "384"],
  "ecdsa-sha2-nistp521": ["-t", "ecdsa", "-b", "521"],
  "rsa-sha2-512": ["-t", "rsa", "-b", "4096"],
  "rsa-sha2-256": ["-t", "rsa", "-b", "1024"],
  "ssh-ed25519": [],
  "ssh-rsa": ["-t", "rsa", "-b", "2048"],
};

for (
  const algorithm of [...String(offered.serverHostKey).split(","), "ssh-rsa"]
) {
  withConnection(`a host key of ${algorithm} works with OpenSSH`, {
    config: [`HostKeyAlgorithms ${algorithm}`],
    algorithms: { hostKeys: algorithm },
    keys: KEYS[algorithm]!,
  }, runsTrue);
}

const MEGABYTES = 48;

withConnection(
  "a host that asks for new keys after every megabyte it gets is served",
  { config: ["RekeyLimit 1M"] },
  async (connection) => {
    const stream = await connection.exec("wc -c", { signal });
    const writer = stream.stdin.getWriter();
    const megabyte = new Uint8Array(1024 * 1024);
    for (let i = 0; i < MEGABYTES; i++) await writer.write(megabyte);
    await writer.close();
    const said = await new Response(stream.stdout).text();
    assertEquals(Number(said), MEGABYTES * 1024 * 1024);
  },
);

withConnection(
  "a host that asks for new keys after every megabyte it sends is served",
  { config: ["RekeyLimit 1M"] },
  async (connection) => {
    const command = `head -c ${MEGABYTES * 1024 * 1024} /dev/zero`;
    const stream = await connection.exec(command, { signal });
    const { byteLength } = await new Response(stream.stdout).arrayBuffer();
    assertEquals(byteLength, MEGABYTES * 1024 * 1024);
  },
);
