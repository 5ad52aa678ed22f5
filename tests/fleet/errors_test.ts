// Every way in which a host can fail to be reached, met once, and the sentence
// that a user reads then: tests/fixtures/connect_errors.txt. To accept what is
// said now as right: FTL_UPDATE_GOLDEN=1 deno test -A tests/fleet/errors_test.ts
import { assertEquals, assertStringIncludes } from "@std/assert";
import { ConnectError } from "../../src/errors.ts";
import { createOpensshTransport } from "../../src/transport/openssh/openssh_transport.ts";
import type { SshOptions } from "../../src/transport/ssh/ssh_transport.ts";
import type { Endpoint, Transport } from "../../src/transport/transport.ts";
import { PASSWORD, type TestFleet } from "../support/fleet/fleet.ts";
import { makeKey, makeLocked } from "../support/fleet/keys.ts";
import {
  fleetSuite,
  runCommand,
  withFtl,
  withTransport,
} from "../support/fleet/suite.ts";
import { newerRootNeed, ROOT } from "../support/root_tree.ts";
import {
  type SshServerOptions,
  startSshServer,
} from "../support/ssh_server.ts";

const GOLDEN = new URL("../fixtures/connect_errors.txt", import.meta.url);
const test = fleetSuite();
const signal = new AbortController().signal;

/** One way to fail: an endpoint, and what the transport is given for it. */
interface Case {
  readonly endpoint: Endpoint;
  readonly ssh?: Partial<SshOptions>;
}

type Cases = Record<string, (fleet: TestFleet) => Promise<Case>>;

/** A host of the fleet, with something about it changed. */
function host(
  name: string,
  changes: (endpoint: Endpoint, fleet: TestFleet) => Partial<Endpoint> =
    () => ({}),
  ssh: Partial<SshOptions> = {},
): (fleet: TestFleet) => Promise<Case> {
  return async (fleet) => {
    const endpoint = await fleet.endpoint(name);
    return { endpoint: { ...endpoint, ...changes(endpoint, fleet) }, ssh };
  };
}

/** A host of the fleet whose only key is a file that a test has spoilt. */
function key(
  name: string,
  spoil: (file: string) => Promise<unknown>,
): (fleet: TestFleet) => Promise<Case> {
  return async (fleet) => {
    const file = await makeKey(`${fleet.folder}/${name}`);
    await spoil(file);
    const endpoint = await fleet.endpoint("plain");
    return { endpoint: { ...endpoint, identityFiles: [file] } };
  };
}

const withSsh = (endpoint: Endpoint, ssh: Endpoint["ssh"]) => ({
  ssh: { ...endpoint.ssh, ...ssh },
});

const CASES: Cases = {
  "the name does not resolve": host("plain", () => ({
    address: "plain..example", // refused by the resolver itself
  })),
  "the port is closed": host("plain", () => ({ port: 2 })),
  "there is no route": host("plain", ({ address }) => ({
    address: address.replace(/\d+$/, "60"),
  })),
  "no packet comes back": host("far", (_, { blackHole }) => ({
    address: blackHole,
  }), { connectTimeoutMs: 2000 }),
  "no key exchange in common": host("strange"),
  "the host key is not known": host("unknown"),
  "the host key is not known, but one of another type is": async (fleet) => {
    const ecdsa = await makeKey(`${fleet.folder}/ecdsa`, "-t", "ecdsa");
    const endpoint = await fleet.endpoint("unknown");
    const file = `${fleet.folder}/known_ecdsa`;
    await Deno.writeTextFile(
      file,
      `${endpoint.address} ${await Deno.readTextFile(`${ecdsa}.pub`)}`,
    );
    const ssh = { ...endpoint.ssh, knownHostsFiles: [file] };
    return { endpoint: { ...endpoint, ssh } };
  },
  "the host key has changed": host("changed"),
  "the host key is revoked": host("revoked"),
  "the host key is known by its authority alone": host("missigned"),
  "the new host key cannot be recorded": host(
    "unknown",
    (endpoint) =>
      withSsh(endpoint, {
        hostKeys: "accept-new",
        knownHostsFiles: ["/proc/known_hosts"],
      }),
  ),
  "the key is refused": async (fleet) => {
    const file = await makeKey(`${fleet.folder}/wrong`);
    const endpoint = await fleet.endpoint("plain");
    return { endpoint: { ...endpoint, identityFiles: [file] } };
  },
  "there is no key": host("plain", () => ({ identityFiles: [] })),
  "the key file is missing": key("missing", async (file) => {
    await Deno.remove(file);
    await Deno.remove(`${file}.pub`);
  }),
  "the key file is a public key": key(
    "public",
    async (file) => await Deno.rename(`${file}.pub`, file),
  ),
  "only the public key exists": key(
    "half",
    (file) => Deno.remove(file),
  ),
  "the key file is a folder": key("folder", async (file) => {
    await Deno.remove(file);
    await Deno.mkdir(file);
  }),
  "the key file holds no key": key(
    "junk",
    (file) => Deno.writeTextFile(file, "not a key\n"),
  ),
  "other users can read the key file": key(
    "open",
    (file) => Deno.chmod(file, 0o644),
  ),
  "the key file needs a passphrase": async (fleet) => {
    const file = await makeLocked(`${fleet.folder}/locked`, fleet.identityFile);
    const endpoint = await fleet.endpoint("plain");
    return { endpoint: { ...endpoint, identityFiles: [file] } };
  },
  "the key file needs a passphrase, and has no public key": async (fleet) => {
    const rsa = ["-t", "rsa", "-m", "PEM", "-N", "sesame"];
    const file = await makeKey(`${fleet.folder}/lonely`, ...rsa);
    await Deno.remove(`${file}.pub`);
    const endpoint = await fleet.endpoint("plain");
    return { endpoint: { ...endpoint, identityFiles: [file] } };
  },
  "the agent does not answer": host(
    "plain",
    (endpoint) => ({
      identityFiles: [],
      ...withSsh(endpoint, { agentSocket: "/nowhere/agent" }),
    }),
  ),
  "a password is needed and not given": host("password"),
  "the password is refused": host("password", () => ({ identityFiles: [] }), {
    password: () => Promise.resolve("wrong"),
  }),
  "a question is asked, and there is no answer": host(
    "questions",
    () => ({ identityFiles: [] }),
    { answer: () => Promise.resolve(undefined) },
  ),
  "the answer is refused": host("questions", () => ({ identityFiles: [] }), {
    password: () => Promise.resolve("wrong"),
  }),
  "the account has expired": host("accounts", () => ({ user: "old" })),
  "there is no such account": host("plain", () => ({ user: "nobody-here" })),
  "the bastion is down": host("inner01", ({ jumps }) => ({
    jumps: jumps!.map((jump) => ({ ...jump, port: 2 })),
  })),
  "the bastion's key is not known": host("inner01", ({ jumps }) => ({
    jumps: jumps!.map((jump) => ({
      ...jump,
      ssh: { ...jump.ssh, knownHostsFiles: [] },
    })),
  })),
  "the bastion refuses the login": host("inner01", ({ jumps }) => ({
    jumps: jumps!.map((jump) => ({ ...jump, user: "nobody-here" })),
  })),
  "the bastion may not connect to the host": host("via-closed"),
  "the bastion cannot connect to the host": host("inner01", () => ({
    port: 2,
  })),
  "the proxy command fails": host("plain", () => ({
    proxyCommand: "sh -c 'echo no such tunnel >&2; exit 3'",
  })),
  "the proxy command does not exist": host("plain", () => ({
    proxyCommand: "/nowhere/tunnel plain 22",
  })),
  "the proxy command sends nothing": host("plain", () => ({
    proxyCommand: "true",
  }), { retryPauseMs: 1 }),
  "the proxy command hangs": host("plain", () => ({
    proxyCommand: "sleep 100",
  }), { connectTimeoutMs: 2000 }),
  "the proxy command explains why it ends": host("plain", () => ({
    proxyCommand: "sh -c 'echo no such tunnel >&2'",
  }), { retryPauseMs: 1 }),
  "the proxy command explains why it hangs": host("plain", () => ({
    proxyCommand: "sh -c 'echo no answer yet >&2; sleep 100'",
  }), { connectTimeoutMs: 2000 }),
  "the proxy command passes on what a busy host says": host("plain", () => ({
    proxyCommand: "sh -c 'echo Exceeded MaxStartups; echo closed >&2; exit 1'",
  }), { retryPauseMs: 1 }),
  "the proxy command passes on what a host says": host("plain", () => ({
    proxyCommand: "sh -c 'echo No sessions here; echo closed >&2; exit 1'",
  })),
};

/** What a server does that no OpenSSH server can be told to do. */
const SERVERS: Record<
  string,
  { server: SshServerOptions; ssh?: Partial<SshOptions> }
> = {
  "the host accepts and stays silent": {
    server: { onSocket: () => {} },
    ssh: { connectTimeoutMs: 2000 },
  },
  "the host does not speak SSH": {
    server: {
      onSocket: (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
    },
  },
  "the host does not speak SSH, and waits": {
    server: { onSocket: (socket) => socket.write("220 mail ESMTP\r\n") },
    ssh: { connectTimeoutMs: 6000 },
  },
  "the host is busy": {
    server: { onSocket: (socket) => socket.end("Exceeded MaxStartups\r\n") },
    ssh: { retryPauseMs: 1 },
  },
  "the host hangs up at once": {
    server: { onSocket: (socket) => socket.destroy() },
    ssh: { retryPauseMs: 1 },
  },
  "the host hangs up at the login": { server: { hangsUpAtLogin: true } },
  "the host never judges the key": {
    server: { authenticate: () => {} },
    ssh: { connectTimeoutMs: 6000 }, // the key exchange is done by then
  },
};

/** What the system's ssh is to say much the same of. */
const BY_SYSTEM = [
  "the port is closed",
  "there is no route",
  "the host key is not known",
  "the host key has changed",
  "the host key is revoked",
  "the key is refused",
  "the key file needs a passphrase",
  "the key file needs a passphrase, and has no public key",
  "a password is needed and not given",
  "there is no such account",
];

test("every connect error matches the golden file", async (fleet) => {
  const said = new Map<string, string>();
  const endpoints = new Map<string, Endpoint>();
  const note = (name: string, error: ConnectError) => {
    assertEquals(error instanceof ConnectError, true, `${name}: ${error}`);
    const { phase, message, hint = "-" } = error;
    said.set(name, `${name}\n  ${phase}: ${message}\n  hint: ${hint}\n`);
  };
  const limited = Object.entries(CASES).map(([name, make]) => async () => {
    const { endpoint, ssh } = await make(fleet);
    endpoints.set(name, endpoint);
    const home = `${fleet.folder}/nobody`;
    await withTransport({ home, ...ssh }, async (transport) => {
      note(name, await failure(transport, endpoint));
    });
  });
  const others = Object.entries(SERVERS).map(([name, how]) => async () => {
    const server = await startSshServer(how.server);
    const file = `${server.folder}/known_hosts`;
    await Deno.writeTextFile(file, server.knownHosts);
    const ssh = { knownHostsFiles: [file] };
    await withTransport(how.ssh ?? {}, async (transport) => {
      note(name, await failure(transport, server.endpoint({ ssh })));
    });
    await server.stop();
  });
  await Promise.all([...limited, ...others].map((work) => work()));
  const bySystem = BY_SYSTEM.map((name) => `by the system's ssh: ${name}`);
  const home = `${fleet.folder}/nobody`;
  const system = createOpensshTransport({ home, agentSocket: "" });
  await Promise.all(BY_SYSTEM.map(async (name, i) => {
    const { openssh: _, ...plain } = endpoints.get(name)!;
    note(bySystem[i]!, await failure(system, plain));
  }));
  system.close();
  const names = [...Object.keys(CASES), ...Object.keys(SERVERS), ...bySystem];
  const text = neutral(names.map((name) => said.get(name)).join("\n"), fleet);
  if (Deno.env.get("FTL_UPDATE_GOLDEN")) await Deno.writeTextFile(GOLDEN, text);
  assertEquals(text, await Deno.readTextFile(GOLDEN));
});

test("an account with no shell, and one that is closed now", async (fleet) => {
  const run = async (config: string) => {
    let message = "";
    await withFtl(fleet, ["accounts"], async (ftl) => {
      const { results } = await runCommand(ftl, "true");
      const { status, error } = results.get("accounts")!;
      assertEquals(status, "unreachable");
      message = `${error!.phase}: ${error!.message}`;
    }, { config });
    return message;
  };
  const guest = `${fleet.folder}/guest`;
  const config = await Deno.readTextFile(fleet.sshConfig);
  await Deno.writeTextFile(guest, `User guest\n${config}`);
  assertStringIncludes(
    await run(guest),
    "This account is currently not available",
  );
  // With FTL_TEST_OPENSSH=newer, the host has the files of the root.
  const places = ["/etc/nologin"];
  if (!newerRootNeed.ignore) places.push(`${ROOT}/etc/nologin`);
  const files = places.join(" ");
  await fleet.world.run(`echo 'Closed until Monday.' | tee ${files}`);
  const closed = await run(fleet.sshConfig);
  await fleet.world.run(`rm ${files}`);
  assertEquals(
    closed,
    "auth: Cannot log in to accounts as deploy: the host closed the connection; " +
      `it sent "Closed until Monday."; it was offered ${fleet.identityFile}`,
  );
});

test("hosts with passwords accept the right one", async (fleet) => {
  for (const name of ["password", "questions"]) {
    await withTransport(
      { password: () => Promise.resolve(PASSWORD) },
      async (transport) => {
        const endpoint = await fleet.endpoint(name);
        await Promise.all(
          [1, 2, 3].map(() =>
            transport.open({ ...endpoint, identityFiles: [] }, { signal })
          ),
        );
      },
    );
  }
});

async function failure(
  transport: Transport,
  endpoint: Endpoint,
): Promise<ConnectError> {
  try {
    await transport.open(endpoint, { signal });
  } catch (error) {
    return error as ConnectError;
  }
  throw new Error(`${endpoint.name} was reached`);
}

/** The text without what differs from run to run. */
function neutral(text: string, { folder, blackHole }: TestFleet): string {
  const prefix = blackHole.replace(/\d+$/, "");
  return text.replaceAll(folder, "FOLDER").replaceAll(prefix, "NET.")
    .replace(/\/tmp\/ftl-ssh-server-[0-9a-f]+/g, "SERVER")
    .replace(/SHA256:[\w+/]+/g, "SHA256:…")
    .replace(/port \d{4,}/g, "port PORT");
}
