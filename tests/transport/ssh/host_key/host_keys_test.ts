// `accept-new` records a key when its host has proved that the key is its own.
import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { ConnectError } from "../../../../src/errors.ts";
import { parseKnownHosts } from "../../../../src/transport/known_hosts/known_hosts.ts";
import { KnownHostsFiles } from "../../../../src/transport/known_hosts/known_hosts_file.ts";
import { HostKeys } from "../../../../src/transport/ssh/host_key/host_keys.ts";
import { createSshTransport } from "../../../../src/transport/ssh/ssh_transport.ts";
import {
  concat,
  MESSAGE,
  message,
  startRawSshServer,
  string,
} from "../../../support/raw_ssh_server.ts";
import {
  generateKey,
  publicKeyLine,
  startSshServer,
} from "../../../support/ssh_server.ts";

const signal = new AbortController().signal;

function newKey(): Uint8Array {
  return Uint8Array.fromBase64(publicKeyLine(generateKey()).split(" ")[1]!);
}

Deno.test("accept-new records no key whose signature is wrong", async () => {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/known_hosts`;
  const knownHosts = parseKnownHosts([]);
  const key = newKey();
  await using server = startRawSshServer(async (peer) => {
    await peer.beginExchange();
    const signature = concat(
      string("ssh-ed25519"),
      string(new Uint8Array(64).fill(1)),
    );
    const point = new Uint8Array(32).fill(9);
    await peer.send(
      message(MESSAGE.reply, string(key), string(point), string(signature)),
    );
    await peer.send(message(MESSAGE.newKeys));
  });
  const transport = createSshTransport({
    knownHosts,
    knownHostsFile: file,
    hostKeys: "accept-new",
    agentSocket: "",
  });
  try {
    const endpoint = server.endpoint();
    const error = await assertRejects(
      () => transport.open(endpoint, { signal }),
      ConnectError,
    );
    assertMatch(error.message, /signature/);
    assertEquals(knownHosts.keyTypes("127.0.0.1", server.port), []);
    await assertRejects(() => Deno.stat(file), Deno.errors.NotFound);
  } finally {
    transport.close();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("accept-new records the key of a host that signs with it, even when the login fails", async () => {
  const server = await startSshServer({
    authenticate: (context) => context.reject(["publickey"]),
  });
  const file = `${server.folder}/new/known_hosts`;
  const transport = createSshTransport({
    knownHosts: parseKnownHosts([]),
    knownHostsFile: file,
    hostKeys: "accept-new",
    agentSocket: "",
    home: server.folder,
  });
  try {
    const endpoint = server.endpoint({ identityFiles: [] });
    await assertRejects(
      () => transport.open(endpoint, { signal }),
      ConnectError,
      "Cannot log in",
    );
    assertEquals(await Deno.readTextFile(file), server.knownHosts);
  } finally {
    transport.close();
    await server.stop();
  }
});

Deno.test("of two new keys of one name that are shown at once, the first that is verified counts", async () => {
  const file = await Deno.makeTempFile();
  const keys = new HostKeys({
    knownHosts: parseKnownHosts([]),
    files: [],
    reader: new KnownHostsFiles(),
    policy: "accept-new",
    file,
  });
  const endpoint = {
    name: "web1",
    transport: "ssh",
    address: "web1",
    port: 22,
    user: "deploy",
    identityFiles: [],
  } as const;
  const [first, second] = [await keys.of(endpoint), await keys.of(endpoint)];
  first.judge(newKey());
  second.judge(newKey());
  first.signatureVerified();
  assertThrows(
    () => second.signatureVerified(),
    ConnectError,
    "Cannot trust web1: its ssh-ed25519 key",
  );
  await first.saved();
  const lines = (await Deno.readTextFile(file)).trimEnd().split("\n");
  assertEquals(lines.length, 1);
  await Deno.remove(file);
});
