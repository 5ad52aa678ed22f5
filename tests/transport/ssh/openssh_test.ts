// Logging in on OpenSSH's server, with keys that its own tools have made.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ConnectError } from "../../../src/errors.ts";
import {
  createSshTransport,
  parseKnownHosts,
  type SshOptions,
} from "../../../src/transport/ssh/ssh_transport.ts";
import type { Endpoint, Transport } from "../../../src/transport/transport.ts";
import { needProgram } from "../../support/need.ts";
import { type Sshd, sshdNeed, startSshd } from "../../support/sshd.ts";

const agentNeed = needProgram("ssh-agent");
const signal = new AbortController().signal;

interface Lab {
  readonly sshd: Sshd;
  endpoint(identityFiles: readonly string[]): Endpoint;
  transport(options?: Partial<SshOptions>): Transport;
  /** Makes a key that the server lets in; returns its file. */
  makeKey(name: string, ...options: string[]): Promise<string>;
}

function withSshd(
  name: string,
  fn: (lab: Lab) => Promise<void>,
  config: readonly string[] = [],
): void {
  Deno.test({
    name: name + sshdNeed.suffix,
    ignore: sshdNeed.ignore,
    fn: async () => {
      const sshd = await startSshd({ config });
      const transports: Transport[] = [];
      try {
        await fn({
          sshd,
          endpoint: (identityFiles) => ({
            name: "web1",
            transport: "ssh",
            address: "127.0.0.1",
            port: sshd.port,
            user: sshd.user,
            identityFiles,
          }),
          transport: (options = {}) => {
            const transport = createSshTransport({
              knownHosts: parseKnownHosts([{
                path: "known_hosts",
                text: `[127.0.0.1]:${sshd.port} ${sshd.hostKey}`,
              }]),
              agentSocket: "",
              home: sshd.folder,
              ...options,
            });
            transports.push(transport);
            return transport;
          },
          makeKey: (name, ...options) => makeKey(sshd, name, options),
        });
      } finally {
        for (const transport of transports) transport.close();
        await sshd.stop();
      }
    },
  });
}

async function makeKey(
  sshd: Sshd,
  name: string,
  options: readonly string[],
): Promise<string> {
  const file = `${sshd.folder}/${name}`;
  const withPassphrase = options.includes("-N") ? [] : ["-N", ""];
  await run("ssh-keygen", "-q", "-f", file, ...withPassphrase, ...options);
  const publicKey = await Deno.readTextFile(`${file}.pub`);
  await Deno.writeTextFile(`${sshd.identityFile}.pub`, publicKey, {
    append: true,
  });
  return file;
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

withSshd("every kind of key logs in", async (lab) => {
  const kinds = [
    ["ed25519"],
    ["rsa", "-b", "2048"],
    ["rsa", "-b", "2048", "-m", "PEM"],
    ["ecdsa", "-b", "256"],
    ["ecdsa", "-b", "384"],
    ["ecdsa", "-b", "521"],
  ];
  for (const [i, kind] of kinds.entries()) {
    const file = await lab.makeKey(`key${i}`, "-t", ...kind);
    await lab.transport().open(lab.endpoint([file]), { signal });
  }
});

withSshd("every ECDSA key logs in, whatever its first byte", async (lab) => {
  const transport = lab.transport();
  for (let i = 0; i < 6; i++) {
    const file = await lab.makeKey(`ecdsa${i}`, "-t", "ecdsa", "-b", "384");
    await transport.open(lab.endpoint([file]), { signal });
  }
});

withSshd(
  "a passphrase is asked for once, when a host wants the key",
  async (lab) => {
    const file = await lab.makeKey("locked", "-t", "ed25519", "-N", "sesame");
    const asked: string[] = [];
    const transport = lab.transport({
      connectTimeoutMs: 60_000, // parsing a locked key blocks, longer under load
      passphrase: (file) => {
        asked.push(file);
        return Promise.resolve("sesame");
      },
    });
    await transport.open(lab.endpoint([lab.sshd.identityFile, file]), {
      signal,
    });
    assertEquals(asked, []);
    await Promise.all(
      [1, 2, 3].map(() => transport.open(lab.endpoint([file]), { signal })),
    );
    assertEquals(asked, [file]);
  },
);

withSshd("a passphrase that is wrong may be given again", async (lab) => {
  const file = await lab.makeKey("locked", "-t", "ed25519", "-N", "sesame");
  const answers = ["open", "sesame"];
  const transport = lab.transport({
    passphrase: () => Promise.resolve(answers.shift()),
  });
  await transport.open(lab.endpoint([file]), { signal });
  assertEquals(answers, []);
});

withSshd(
  "the error reports that no passphrase was given",
  async (lab) => {
    const file = await lab.makeKey("locked", "-t", "ed25519", "-N", "sesame");
    const open = (options: Partial<SshOptions>) =>
      assertRejects(
        () => lab.transport(options).open(lab.endpoint([file]), { signal }),
        ConnectError,
      );
    assertStringIncludes(
      (await open({})).message,
      `${file} cannot be used: it needs a passphrase`,
    );
    assertStringIncludes(
      (await open({ passphrase: () => Promise.resolve(undefined) })).message,
      `${file} cannot sign: no passphrase was given`,
    );
    assertStringIncludes(
      (await open({ passphrase: () => Promise.resolve("open") })).message,
      `${file} cannot sign: the passphrase is wrong`,
    );
  },
);

withSshd(
  "an RSA key that cannot sign is told once, and the others stay told",
  async (lab) => {
    const authorized = await Deno.readTextFile(`${lab.sshd.identityFile}.pub`);
    const refused = await lab.makeKey("refused", "-t", "ed25519");
    await Deno.writeTextFile(`${lab.sshd.identityFile}.pub`, authorized);
    const locked = await lab.makeKey("locked", "-t", "rsa", "-N", "sesame");
    const transport = lab.transport({
      passphrase: () => Promise.resolve(undefined),
    });
    const { message } = await assertRejects(
      () => transport.open(lab.endpoint([refused, locked]), { signal }),
      ConnectError,
    );
    assertEquals(
      message,
      `Cannot log in to web1 as ${lab.sshd.user}: it refused ${refused}; ` +
        `${locked} cannot sign: no passphrase was given`,
    );
  },
);

withSshd("keys of ~/.ssh are tried when none is named", async (lab) => {
  await Deno.mkdir(`${lab.sshd.folder}/.ssh`);
  await lab.makeKey(".ssh/id_ecdsa", "-t", "ecdsa");
  await lab.transport().open(lab.endpoint([]), { signal });
});

withSshd(
  "a host that hangs up after a few keys is shown the others on a new connection",
  async (lab) => {
    const keys = [1, 2, 3, 4, 5].map((i) => `${lab.sshd.folder}/wrong${i}`);
    for (const key of keys) {
      await run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key);
    }
    const transport = lab.transport();
    await transport.open(lab.endpoint([...keys, lab.sshd.identityFile]), {
      signal,
    });
    const error = await assertRejects(
      () => transport.open(lab.endpoint(keys), { signal }),
      ConnectError,
    );
    assertEquals(error.phase, "auth");
    assertStringIncludes(error.message, `it refused ${keys.join(", ")}`);
  },
  ["MaxAuthTries 2"], // it hangs up at the second
);

withSshd("a key file that other users can read is refused", async (lab) => {
  const file = await lab.makeKey("open", "-t", "ed25519");
  await Deno.chmod(file, 0o640);
  await assertRejects(
    () => lab.transport().open(lab.endpoint([file]), { signal }),
    ConnectError,
    `${file} cannot be used: other users can read it; run chmod 600 ${file}`,
  );
});

withSshd("a public key selects the private key of the agent", async (lab) => {
  const file = await lab.makeKey("half", "-t", "ed25519");
  const open = (path: string, agentSocket: string) => {
    const ssh = { identitiesOnly: true, agentSocket };
    const endpoint = { ...lab.endpoint([path]), ssh };
    return lab.transport().open(endpoint, { signal });
  };
  await withAgent(lab, [file], async (socket) => {
    await Deno.remove(file);
    await open(`${file}.pub`, socket);
    await open(file, socket);
  });
  await assertRejects(
    () => open(`${file}.pub`, ""),
    ConnectError,
    `${file}.pub cannot be used: it holds no private key`,
  );
  await assertRejects(
    () => open(file, ""),
    ConnectError,
    `${file} cannot be used: only its public key exists`,
  );
});

for (const algorithm of ["rsa-sha2-512", "rsa-sha2-256"]) {
  withSshd(
    `an RSA key logs in on a server that accepts only ${algorithm}`,
    async (lab) => {
      const open = await lab.makeKey("open", "-t", "rsa", "-b", "2048");
      await lab.transport().open(lab.endpoint([open]), { signal });
      await withAgent(lab, [open], async (agentSocket) => {
        const transport = lab.transport({ agentSocket });
        await transport.open(lab.endpoint([]), { signal });
        transport.close();
      });
      await run("ssh-keygen", "-q", "-p", "-P", "", "-N", "sesame", "-f", open);
      const passphrase = () => Promise.resolve("sesame");
      await lab.transport({ passphrase, connectTimeoutMs: 60_000 })
        .open(lab.endpoint([open]), { signal });
    },
    [`PubkeyAcceptedAlgorithms ${algorithm}`],
  );
}

withSshd(
  "a server of hardening guides is reached, and has the fastest cipher",
  async (lab) => {
    const key = await lab.makeKey("rsa", "-t", "rsa", "-b", "3072");
    const connection = await lab.transport().open(lab.endpoint([key]), {
      signal,
    });
    const command = "head -c 8M /dev/zero"; // new keys after each megabyte
    const stream = await connection.exec(command, { signal });
    const { length } = await new Response(stream.stdout).bytes();
    assertEquals([length, (await stream.exit).code], [8 * 1024 * 1024, 0]);
    assertStringIncludes(lab.sshd.log(), "cipher: aes256-ctr");
  },
  [
    "LogLevel DEBUG1",
    "KexAlgorithms ecdh-sha2-nistp256,diffie-hellman-group16-sha512",
    "Ciphers aes256-gcm@openssh.com,aes256-ctr",
    "MACs hmac-sha2-512,hmac-sha2-256-etm@openssh.com",
    "PubkeyAcceptedAlgorithms rsa-sha2-512",
    "RekeyLimit 1M 20s",
  ],
);

/** Lends the socket of an agent that holds keys. */
async function withAgent(
  lab: Lab,
  keys: readonly string[],
  fn: (socket: string) => Promise<void>,
): Promise<void> {
  const socket = `${lab.sshd.folder}/agent`;
  const agent = new Deno.Command(agentNeed.path, {
    args: ["-D", "-a", socket],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = agent.stdout.getReader();
  try {
    await reader.read(); // its first line comes when it listens
    for (const key of keys) {
      await new Deno.Command("ssh-add", {
        args: ["-q", key],
        env: { SSH_AUTH_SOCK: socket },
        stdin: "null",
      }).output();
    }
    await fn(socket);
  } finally {
    agent.kill("SIGTERM");
    await reader.cancel();
    await agent.status;
  }
}

withSshd("an agent's keys log in, for many hosts at once", async (lab) => {
  const keys = [
    await lab.makeKey("rsa", "-t", "rsa", "-b", "2048"),
    await lab.makeKey("ecdsa", "-t", "ecdsa"),
  ];
  for (const key of keys) {
    await withAgent(lab, [key], async (agentSocket) => {
      const transport = lab.transport({ agentSocket });
      await Promise.all(
        Array.from(
          { length: 12 },
          () => transport.open(lab.endpoint([]), { signal }),
        ),
      );
      transport.close();
    });
  }
});

withSshd("an agent's key spares the passphrase of its file", async (lab) => {
  const open = await lab.makeKey("key", "-t", "ed25519");
  await withAgent(lab, [open], async (agentSocket) => {
    await run("ssh-keygen", "-q", "-p", "-P", "", "-N", "sesame", "-f", open);
    const transport = lab.transport({
      agentSocket,
      passphrase: () => Promise.reject(new Error("the user must not be asked")),
    });
    await transport.open(lab.endpoint([open]), { signal });
    transport.close();
  });
});

withSshd("an agent that is gone leaves the files to be tried", async (lab) => {
  const transport = lab.transport({ agentSocket: "/nowhere/agent" });
  await transport.open(lab.endpoint([lab.sshd.identityFile]), { signal });
  const error = await assertRejects(
    () => transport.open(lab.endpoint([]), { signal }),
    ConnectError,
  );
  assertStringIncludes(
    error.message,
    "the agent at /nowhere/agent does not answer",
  );
});
