// OpenSSH's own client as a transport: what it can do that ssh2 cannot, its
// errors, and that all its processes end.
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { dirname } from "@std/path";
import { ConnectError, type Phase } from "../../../src/errors.ts";
import {
  createOpensshTransport,
  type OpensshOptions,
} from "../../../src/transport/openssh/openssh_transport.ts";
import type {
  Connection,
  Endpoint,
  SshHostSettings,
  Transport,
} from "../../../src/transport/transport.ts";
import { eventually } from "../../support/ftl.ts";
import { needProgram } from "../../support/need.ts";
import { type Sshd, sshdNeed, startSshd } from "../../support/sshd.ts";

const sshNeed = needProgram("ssh");
const signal = new AbortController().signal;
/** A program that connects to the endpoint of its argument, and waits. */
const HOLDER =
  new URL("../../support/openssh_holder.ts", import.meta.url).pathname;

interface Lab {
  readonly sshd: Sshd;
  readonly transport: Transport;
  /** The server, known by its key. */
  readonly endpoint: Endpoint;
  open(endpoint?: Endpoint): Promise<Connection>;
  /** What `open` is refused with. */
  refusal(endpoint: Endpoint): Promise<ConnectError>;
  /** The endpoint with other settings. */
  with(settings: Partial<Endpoint>, ssh?: SshHostSettings): Endpoint;
  /** Writes a file into the server's folder. */
  file(name: string, text: string): Promise<string>;
}

/** Registers a test with a server; no `ssh` may outlive it. */
function withSshd(
  name: string,
  fn: (lab: Lab) => Promise<void>,
  options: { config?: readonly string[]; transport?: OpensshOptions } = {},
): void {
  Deno.test({
    name: name + (sshdNeed.suffix || sshNeed.suffix),
    ignore: sshdNeed.ignore || sshNeed.ignore,
    fn: async () => {
      const sshd = await startSshd({ config: options.config ?? [] });
      const file = async (name: string, text: string) => {
        const path = `${sshd.folder}/${name}`;
        await Deno.writeTextFile(path, text, { mode: 0o600 });
        return path;
      };
      const knownHosts = await file(
        "known_hosts",
        `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`,
      );
      const transport = createOpensshTransport({
        home: sshd.folder,
        agentSocket: "",
        ...options.transport,
      });
      const endpoint: Endpoint = {
        name: "web1",
        transport: "openssh",
        address: "127.0.0.1",
        port: sshd.port,
        user: sshd.user,
        identityFiles: [sshd.identityFile],
        ssh: { knownHostsFiles: [knownHosts] },
      };
      const opened: Connection[] = [];
      const open = async (to = endpoint) => {
        const connection = await transport.open(to, { signal });
        opened.push(connection);
        return connection;
      };
      try {
        await fn({
          sshd,
          transport,
          endpoint,
          open,
          refusal: (to) => assertRejects(() => open(to), ConnectError),
          with: (settings, ssh) => ({
            ...endpoint,
            ...settings,
            ssh: { ...endpoint.ssh, ...ssh },
          }),
          file,
        });
      } finally {
        transport.close();
        // The folder of the sockets goes with the last of them.
        await Promise.all(opened.map(({ closed }) => closed));
        await sshd.stop();
      }
      // close() does not wait for what it ends.
      await eventually(
        "no `ssh` is left",
        async () => (await leftOf(sshd.folder)).length === 0,
      );
    },
  });
}

/** The processes that were given something of a folder. */
async function leftOf(folder: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("pgrep", {
    args: ["-a", "-f", `^[^ ]*(ssh|sh) .*${folder}`],
  }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) =>
    line !== ""
  );
}

/** Where the last of them listens. */
function socketFolder(processes: readonly string[]): string {
  return dirname(/ -S (\S+)/.exec(processes.at(-1) ?? "")?.[1] ?? "");
}

async function keygen(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ssh-keygen", {
    args: ["-q", ...args],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Makes a key pair; returns its file. */
async function makeKey(lab: Lab, name: string, passphrase = "") {
  const file = `${lab.sshd.folder}/${name}`;
  await keygen("-t", "ed25519", "-N", passphrase, "-f", file);
  return file;
}

/** Has an authority sign a key; the certificate stands beside it. */
function sign(authority: string, key: string, ...options: string[]) {
  return keygen("-s", authority, "-I", "test", ...options, `${key}.pub`);
}

async function output(connection: Connection, command: string) {
  const stream = await connection.exec(command, { signal });
  const [stdout, exit] = await Promise.all([
    new Response(stream.stdout).text(),
    stream.exit,
    stream.stderr.cancel(),
  ]);
  return { stdout, exit };
}

withSshd("a user's certificate lets in, and no key alone", async (lab) => {
  const { folder, user } = lab.sshd;
  const authority = await makeKey(lab, "user_ca");
  await Deno.copyFile(`${authority}.pub`, `${folder}/trusted_users`);
  const key = await makeKey(lab, "certified");
  const endpoint = lab.with({ identityFiles: [key] });
  const error = await lab.refusal(endpoint);
  assertEquals(error.phase, "auth");
  assertStringIncludes(error.message, `it refused ${key}`);
  await sign(authority, key, "-n", user);
  const connection = await lab.open(endpoint);
  assertEquals((await output(connection, "echo in")).stdout, "in\n");
}, { config: ["TrustedUserCAKeys %FOLDER%/trusted_users"] });

withSshd("a certificate for another user is refused", async (lab) => {
  const authority = await makeKey(lab, "user_ca");
  await Deno.copyFile(`${authority}.pub`, `${lab.sshd.folder}/trusted_users`);
  const key = await makeKey(lab, "certified");
  await sign(authority, key, "-n", "nobody-else");
  const error = await lab.refusal(lab.with({ identityFiles: [key] }));
  assertEquals(error.phase, "auth");
}, { config: ["TrustedUserCAKeys %FOLDER%/trusted_users"] });

withSshd("a host is known by its certificate", async (lab) => {
  const { folder } = lab.sshd;
  const authority = await makeKey(lab, "host_ca");
  const ca = (await Deno.readTextFile(`${authority}.pub`)).trim();
  const known = await lab.file("cas", `@cert-authority [127.0.0.1]:* ${ca}\n`);
  const endpoint = lab.with({}, { knownHostsFiles: [known] });
  assertEquals((await lab.refusal(endpoint)).phase, "hostkey");
  await sign(authority, `${folder}/host_key`, "-h", "-n", "other-host");
  const error = await lab.refusal(endpoint);
  assertEquals(error.phase, "hostkey");
  assertStringIncludes(error.message, "name is not a listed principal");
  await sign(authority, `${folder}/host_key`, "-h", "-n", "127.0.0.1");
  await lab.open(endpoint);
}, { config: ["HostCertificate %FOLDER%/host_key-cert.pub"] });

withSshd("one login carries all commands", async (lab) => {
  const connection = await lab.open();
  for (let i = 0; i < 3; i++) await output(connection, "true");
  const logins = lab.sshd.log().match(/Accepted publickey/g) ?? [];
  assertEquals(logins.length, 1);
});

withSshd("a command's own status 255 is reported as such", async (lab) => {
  const connection = await lab.open();
  const { exit } = await output(connection, "exit 255");
  assertEquals(exit, { code: 255, signal: null, lost: false });
});

withSshd(
  "a host with room for one session gets a second login",
  async (lab) => {
    const connection = await lab.open();
    await connection.exec("cat", { signal });
    assertEquals((await output(connection, "echo in")).stdout, "in\n");
  },
  { config: ["MaxSessions 1"] },
);

withSshd("phases are told as they begin", async (lab) => {
  const phases: (Phase | undefined)[] = [];
  await lab.transport.open(
    lab.with({ address: "localhost" }, {
      hostKeys: "off",
    }),
    { signal, onPhase: (phase) => phases.push(phase) },
  );
  assertEquals(phases, ["resolve", "connect", "hostkey", "auth"]);
});

withSshd("a failure has its phase", async (lab) => {
  const cases: [Endpoint, Phase, string][] = [
    [
      lab.with({ address: "no.such.host.invalid" }),
      "resolve",
      "the name no.such.host.invalid does not resolve",
    ],
    [
      lab.with({ port: 1 }),
      "connect",
      "127.0.0.1 port 1 refused the connection",
    ],
    [
      lab.with({}, { knownHostsFiles: ["/dev/null"] }),
      "hostkey",
      "is not in known_hosts",
    ],
    [
      lab.with({}, {
        knownHostsFiles: [
          await lab.file(
            "others",
            `[127.0.0.1]:${lab.sshd.port} ${OTHER_KEY}\n`,
          ),
        ],
      }),
      "hostkey",
      "/others:1",
    ],
    [lab.with({ identityFiles: [] }), "auth", "there was no key to offer"],
    [
      lab.with({ identityFiles: ["/nowhere/key"] }),
      "auth",
      "/nowhere/key not accessible",
    ],
    [
      lab.with({ identityFiles: [await lab.file("garbage", "hello\n")] }),
      "auth",
      "/garbage",
    ],
    [withOption(lab, "FooBar yes"), "resolve", "configuration option: foobar"],
    [
      withOption(
        lab,
        "ProxyCommand sh -c 'read x; echo it is closed >&2; exit 3'",
      ),
      "connect",
      "the proxy command did not connect: it is closed",
    ],
    [
      lab.with({ address: "-oProxyCommand=x" }),
      "resolve",
      "is not a host name",
    ],
  ];
  for (const [endpoint, phase, message] of cases) {
    const error = await lab.refusal(endpoint);
    assertStringIncludes(error.message, message);
    assertEquals([error.phase, error.host], [phase, "web1"]);
  }
});

const OTHER_KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

function withOption(lab: Lab, option: string): Endpoint {
  return lab.with({
    openssh: { destination: "127.0.0.1", options: [option], config: "none" },
  });
}

withSshd("the error of a key that needs a passphrase says so", async (lab) => {
  const { identityFile } = lab.sshd;
  await keygen("-p", "-P", "", "-N", "sesame", "-f", identityFile);
  const error = await lab.refusal(lab.endpoint);
  assertEquals(error.phase, "auth");
  assertStringIncludes(
    error.message,
    `${identityFile} cannot sign: it needs a passphrase`,
  );
  assertStringIncludes(error.hint ?? "", "ssh-add");
});

withSshd(
  "accept-new notes a key down, and trusts no other later",
  async (lab) => {
    const file = `${lab.sshd.folder}/new`;
    const endpoint = lab.with({}, {
      hostKeys: "accept-new",
      knownHostsFiles: [file],
    });
    (await lab.open(endpoint)).close();
    assertStringIncludes(await Deno.readTextFile(file), lab.sshd.hostKey);
    await Deno.writeTextFile(
      file,
      `[127.0.0.1]:${lab.sshd.port} ${OTHER_KEY}\n`,
    );
    assertEquals((await lab.refusal(endpoint)).phase, "hostkey");
    await lab.open(lab.with({}, { hostKeys: "off", knownHostsFiles: [file] }));
  },
);

withSshd("a busy server is tried again", async (lab) => {
  const connections = await Promise.all(
    Array.from({ length: 12 }, () => lab.open()),
  );
  assertEquals(connections.length, 12);
}, {
  config: ["MaxStartups 2:100:2"],
  transport: { connectTimeoutMs: 60_000 },
});

withSshd(
  "an ssh that ends after its login has lost the connection",
  async (lab) => {
    const program = await lab.file("ended-ssh", "#!/bin/sh\necho listens\n");
    await Deno.chmod(program, 0o700);
    const transport = createOpensshTransport({ program, agentSocket: "" });
    try {
      const open = () => transport.open(lab.endpoint, { signal });
      const error = await assertRejects(open, ConnectError);
      assertStringIncludes(
        error.message,
        "the connection was lost after the login",
      );
      assert(error.mayPass);
    } finally {
      transport.close();
    }
  },
);

withSshd("a host that says nothing is given up in time", async (lab) => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const error = await lab.refusal(lab.with({ port: silent.addr.port }));
  assertEquals(error.phase, "connect");
  assertStringIncludes(error.message, "did not answer within 1.5 s");
}, { transport: { connectTimeoutMs: 1500 } });

withSshd(
  "a server that closes before the handshake is tried several times",
  async (lab) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    let tries = 0;
    const serving = (async () => {
      for await (const connection of listener) {
        tries++;
        connection.close();
      }
    })();
    const error = await lab.refusal(lab.with({ port: listener.addr.port }));
    listener.close();
    await serving;
    assertEquals(error.phase, "connect");
    assertStringIncludes(error.message, "closed the connection before");
    assertEquals(tries, 8);
  },
  { transport: { retryPauseMs: 1 } },
);

withSshd(
  "a server that does not speak SSH is quoted, and not retried",
  async (lab) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    let tries = 0;
    const serving = (async () => {
      for await (const connection of listener) {
        tries++;
        await connection.write(new TextEncoder().encode("HTTP/1.1 400 No\r\n"));
        connection.close();
      }
    })();
    const error = await lab.refusal(lab.with({ port: listener.addr.port }));
    listener.close();
    await serving;
    assertStringIncludes(
      error.message,
      'does not speak SSH; it sent "HTTP/1.1 400 No"',
    );
    assertEquals(tries, 1);
  },
);

withSshd("an attempt that is called off leaves no process", async (lab) => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const abort = new AbortController();
  const opening = lab.transport.open(lab.with({ port: silent.addr.port }), {
    signal: abort.signal,
  });
  const connection = await silent.accept();
  abort.abort(new RangeError("no longer wanted"));
  await assertRejects(() => opening, RangeError);
  connection.close();
  assertEquals(await leftOf(lab.sshd.folder), []);
});

withSshd(
  "a lost link ends the running command, and reports why",
  async (lab) => {
    const connection = await lab.open();
    const stream = await connection.exec("cat", { signal });
    const sessions = await sessionsOf(lab.sshd.pid);
    for (const pid of sessions) Deno.kill(pid, "SIGKILL");
    assertEquals(await stream.exit, { code: null, signal: null, lost: true });
    const cause = await connection.closed;
    assert(cause instanceof ConnectError);
    assertStringIncludes(cause.message, "Lost the connection to web1: ");
    await stream.stdout.cancel();
    await stream.stderr.cancel();
  },
);

withSshd("`ssh` ends when ftl is killed", async (lab) => {
  const holder = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", HOLDER, JSON.stringify(lab.endpoint)],
    stdout: "piped",
  }).spawn();
  const reader = holder.stdout.getReader();
  await reader.read(); // it is connected
  const folder = socketFolder(await leftOf(lab.sshd.folder));
  assertEquals((await Deno.stat(folder)).isDirectory, true);
  holder.kill("SIGKILL");
  await holder.status;
  await reader.cancel();
  await eventually(
    "neither it nor its folder is left",
    async () =>
      (await leftOf(lab.sshd.folder)).length === 0 &&
      await Deno.stat(folder).then(() => false, () => true),
  );
});

withSshd("an `ssh` that was killed is reported by name", async (lab) => {
  const connection = await lab.open();
  for (const line of await leftOf(lab.sshd.folder)) {
    const [pid, program] = line.split(" ");
    if (program!.endsWith("ssh")) Deno.kill(Number(pid), "SIGKILL");
  }
  assertStringIncludes(
    (await connection.closed)?.message ?? "",
    "Lost the connection to web1: ssh ended silently",
  );
});

withSshd(
  "the folder of the sockets may be tidied up by others",
  async (lab) => {
    const first = await lab.open();
    await Deno.remove(socketFolder(await leftOf(lab.sshd.folder)), {
      recursive: true,
    });
    const second = await lab.open();
    assertEquals((await output(first, "echo in")).stdout, "in\n");
    const folder = socketFolder(await leftOf(lab.sshd.folder));
    assertEquals((await output(second, "echo in")).stdout, "in\n");
    await Deno.remove(folder, { recursive: true });
    first.close();
    second.close();
    await Promise.all([first.closed, second.closed]);
  },
);

withSshd(
  "an `ssh` that accepts no commands from ftl is reported",
  async (lab) => {
    const program = await lab.file("ssh", "#!/bin/sh\necho ftl\nsleep 10\n");
    await Deno.chmod(program, 0o700);
    const transport = createOpensshTransport({
      program,
      home: lab.sshd.folder,
    });
    const error = await assertRejects(
      () => transport.open(lab.endpoint, { signal }),
      ConnectError,
      "it has logged in, but accepts no commands from ftl",
    );
    assertEquals(error.phase, "start");
    assertStringIncludes(error.hint ?? "", "OpenSSH 7.4 or later");
  },
);

withSshd("a missing `ssh` is reported", async (lab) => {
  const error = await lab.refusal(lab.endpoint);
  assertStringIncludes(error.message, "there is no program no-such-ssh");
  assertStringIncludes(error.hint ?? "", "Install OpenSSH's client");
}, { transport: { program: "no-such-ssh" } });

withSshd("a host behind a bastion is reached through it", async (lab) => {
  const { port, user, identityFile, folder } = lab.sshd;
  const config = await lab.file(
    "config",
    `Host inner\n HostName 127.0.0.1\n Port ${port}\n ProxyJump jump\n` +
      `Host jump\n HostName 127.0.0.1\n Port ${port}\nHost *\n` +
      ` User ${user}\n IdentityFile ${identityFile}\n`,
  );
  const openssh = {
    destination: "inner",
    config,
    forAll: { knownHostsFiles: [`${folder}/known_hosts`] },
  };
  const connection = await lab.open(lab.with({ openssh }));
  assertEquals((await output(connection, "echo in")).stdout, "in\n");
  const error = await lab.refusal(
    lab.with({
      openssh: { ...openssh, forAll: { knownHostsFiles: ["/dev/null"] } },
    }),
  );
  assertEquals(error.phase, "hostkey");
  assertStringIncludes(error.message, "a bastion is not trusted");
});

async function sessionsOf(pid: number): Promise<number[]> {
  const text = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
  return text.trim().split(" ").map(Number);
}
