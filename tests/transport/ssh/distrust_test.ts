// Hosts whose key is not the known one, with checking off: what ssh would
// disable, we do not send.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import ssh2, { type AuthContext } from "ssh2";
import { ConnectError } from "../../../src/errors.ts";
import { openHostFleet } from "../../../src/core/fleet/host_fleet.ts";
import { collect, run } from "../../../src/core/run/run.ts";
import { createSshTransport } from "../../../src/transport/ssh/ssh_transport.ts";
import { parseKnownHosts } from "../../../src/transport/known_hosts/known_hosts.ts";
import {
  acceptKey,
  generateKey,
  publicKeyLine,
  runInShell,
  startSshServer,
} from "../../support/ssh_server.ts";

const { signal } = new AbortController();
const SECRET = "correct horse";

for (const method of ["password", "keyboard-interactive"] as const) {
  for (
    const [standing, marker] of [["changed", ""], ["revoked", "@revoked "]]
  ) {
    Deno.test(`a host whose key is ${standing} gets no ${method} login with checking off`, async () => {
      const methods: string[] = [];
      const server = await startSshServer({
        authenticate: (context: AuthContext) => {
          methods.push(context.method);
          context.reject([method]);
        },
      });
      const told: string[] = [];
      const key = marker === "" ? publicKeyLine(generateKey()) : server.hostKey;
      const transport = createSshTransport({
        knownHosts: parseKnownHosts([{
          path: "/etc/hosts_known",
          text: `# keys\n${marker}[127.0.0.1]:${server.port} ${key}\n`,
        }]),
        hostKeys: "off",
        agentSocket: "",
        home: server.folder,
        password: () => Promise.resolve(SECRET),
        answer: () => Promise.resolve(SECRET),
        onDistrust: (host, why) => told.push(`${host}: ${why}`),
      });
      try {
        const error = await assertRejects(
          () =>
            transport.open(server.endpoint({ identityFiles: [] }), { signal }),
          ConnectError,
          "it gets no password",
        );
        assertStringIncludes(error.message, "/etc/hosts_known:2");
        assertEquals(new Set(methods), new Set(["none"]));
        assertEquals(told.length, 1);
        assertStringIncludes(told[0]!, "web1: its ssh-ed25519 key");
        assertStringIncludes(told[0]!, "/etc/hosts_known:2");
      } finally {
        transport.close();
        await server.stop();
      }
    });
  }
}

Deno.test("a new host still gets the password with checking off", async () => {
  const server = await startSshServer({
    authenticate: (context) =>
      context.method === "password" && context.password === SECRET
        ? context.accept()
        : context.reject(["password"]),
  });
  const transport = createSshTransport({
    knownHosts: parseKnownHosts([]),
    hostKeys: "off",
    agentSocket: "",
    home: server.folder,
    password: () => Promise.resolve(SECRET),
  });
  try {
    const endpoint = server.endpoint({ identityFiles: [] });
    const connection = await transport.open(endpoint, { signal });
    assertEquals(connection.distrust, undefined);
  } finally {
    transport.close();
    await server.stop();
  }
});

Deno.test("a host whose key has changed is not sent the password for becoming another user", async () => {
  const user = generateKey();
  const heard: string[] = [];
  const server = await startSshServer({
    authenticate: acceptKey(publicKeyLine(user)),
    run: (command, channel) => {
      channel.on(
        "data",
        (data: Uint8Array) => heard.push(new TextDecoder().decode(data)),
      );
      runInShell(command, channel);
    },
  });
  await Deno.writeTextFile(`${server.folder}/id`, user, { mode: 0o600 });
  // Asks for a password, as sudo does where the rules want one.
  const sudo = `${server.folder}/sudo`;
  await Deno.writeTextFile(
    sudo,
    "#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n",
    { mode: 0o755 },
  );
  const file = `${server.folder}/known`;
  await Deno.writeTextFile(
    file,
    `[127.0.0.1]:${server.port} ${publicKeyLine(generateKey())}\n`,
  );
  const told: string[] = [];
  const fleet = await openHostFleet({
    hosts: [{
      name: "web1",
      groups: [],
      vars: {
        ansible_host: "127.0.0.1",
        ansible_port: server.port,
        ansible_user: "deploy",
        ansible_become: true,
        ansible_become_exe: sudo,
        ansible_become_password: SECRET,
      },
    }],
    connection: {
      identityFiles: [`${server.folder}/id`],
      knownHostsFiles: [file],
      hostKeys: "off",
      transport: "ssh",
    },
    ssh: {
      config: "none",
      agentSocket: "",
      home: server.folder,
      onDistrust: (host) => told.push(host),
    },
  });
  try {
    const { results } = await collect(
      run(fleet, { command: ["true"] }),
    );
    const { status, error } = results.get("web1")!;
    assertEquals(status, "unreachable");
    assertStringIncludes(error!.message, "none is sent to the host: its ssh-");
    assertStringIncludes(error!.message, `${file}:1`);
    assertEquals(heard.join("").includes(SECRET), false);
    assertEquals(told, ["web1"]);
  } finally {
    await fleet.close();
    await server.stop();
  }
});

Deno.test("a host that shows another of its keys during a connection is lost", async () => {
  const second = generateKey();
  let swap = () => {};
  const server = await startSshServer({
    onReady: (connection) => {
      swap = () => {
        const { _protocol: protocol } = connection as unknown as {
          _protocol: { _hostKeys: Record<string, unknown> };
        };
        protocol._hostKeys["ssh-ed25519"] = ssh2.utils.parseKey(second);
        connection.rekey();
      };
    },
  });
  const transport = createSshTransport({
    // Both keys are the host's: one of them was judged.
    knownHosts: parseKnownHosts([{
      path: "known",
      text: server.knownHosts +
        `[127.0.0.1]:${server.port} ${publicKeyLine(second)}\n`,
    }]),
    agentSocket: "",
    home: server.folder,
  });
  try {
    const connection = await transport.open(server.endpoint(), { signal });
    swap();
    const cause = await connection.closed;
    assertStringIncludes(
      String(cause?.message),
      "it showed another key during the connection",
    );
  } finally {
    transport.close();
    await server.stop();
  }
});
