import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { join } from "@std/path";
import {
  type ConnectionOverrides,
  resolveRoute,
  routeKey,
} from "../../../src/core/route/host_endpoint.ts";
import { findControllerEnv } from "../../../src/core/route/controller_env.ts";
import { InventoryError } from "../../../src/errors.ts";
import { parseSshConfig } from "../../../src/transport/ssh_config/parse_config.ts";
import { TRANSPORTS } from "../../../src/transport/transport.ts";

/** @param config the text of the ssh_config file. */
function route(
  vars: Record<string, unknown>,
  overrides: ConnectionOverrides = {},
  config = "",
) {
  const host = { name: "web1", vars, groups: [] };
  return resolveRoute(host, overrides, {
    localUser: "me",
    home: "/home/me",
    localHost: "here",
    env: () => undefined,
    configs: (path = "config") => [
      parseSshConfig(
        { path, text: path === "config" ? config : `User from-${path}` },
        () => [],
      ),
    ],
  });
}

/** A route without the members for SSH. */
async function plainRoute(...args: Parameters<typeof route>) {
  const { endpoint: { ssh: _, openssh: __, ...endpoint }, python } =
    await route(...args);
  return { endpoint, python };
}

Deno.test("ansible_connection takes the name of every transport", async () => {
  for (const name of TRANSPORTS) {
    const { endpoint } = await route({ ansible_connection: name });
    assertEquals(endpoint.transport, name);
  }
});

Deno.test("resolveRoute() has a default for everything", async () => {
  assertEquals(await plainRoute({}), {
    endpoint: {
      name: "web1",
      transport: "ssh",
      address: "web1",
      port: 22,
      user: "me",
      identityFiles: [],
    },
    python: undefined,
  });
});

Deno.test("resolveRoute() reads the variables that Ansible knows", async () => {
  const { endpoint, python } = await plainRoute({
    ansible_host: "10.0.0.1",
    ansible_port: "2222",
    ansible_user: "root",
    ansible_connection: "smart",
    ansible_ssh_private_key_file: "~/keys/a b",
    ansible_python_interpreter: "/opt/py/bin/python3",
  });
  assertEquals(endpoint, {
    name: "web1",
    transport: "ssh",
    address: "10.0.0.1",
    port: 2222,
    user: "root",
    identityFiles: ["/home/me/keys/a b"],
  });
  assertEquals(python, "/opt/py/bin/python3");
  const auto = await route({ ansible_python_interpreter: "auto_silent" });
  assertEquals(auto.python, undefined);
});

Deno.test("resolveRoute() lets settings for all hosts win", async () => {
  const { endpoint } = await route(
    { ansible_user: "root", ansible_port: 1, ansible_connection: "ssh" },
    { user: "you", port: 2, transport: "local", identityFiles: ["k"] },
  );
  assertEquals(endpoint.user, "you");
  assertEquals(endpoint.port, 2);
  assertEquals(endpoint.transport, "local");
});

Deno.test("resolveRoute() names the host and the variable that is invalid", async () => {
  for (
    const [variable, value] of [
      ["ansible_host", "-oProxyCommand=x"],
      ["ansible_host", "{{ nowhere }}"],
      ["ansible_port", "ssh"],
      ["ansible_connection", "winrm"],
    ] as const
  ) {
    const error = await assertRejects(
      () => route({ [variable]: value }),
      InventoryError,
      variable,
    );
    assertEquals(error.host, "web1");
  }
});

Deno.test("resolveRoute() finds the way to a host whose interpreter is wrong", async () => {
  const { python } = await route({
    ansible_python_interpreter: "{{ nowhere }}",
  });
  assertInstanceOf(python, InventoryError);
  assertEquals(python.host, "web1");
  const named = await route({ ansible_python_interpreter: "{{ nowhere }}" }, {
    python: "/usr/bin/python3",
  });
  assertEquals(named.python, "/usr/bin/python3");
});

Deno.test("resolveRoute() renders templates", async () => {
  const { endpoint } = await route({
    ansible_host: "{{ ip }}",
    ip: "10.0.0.1",
  });
  assertEquals(endpoint.address, "10.0.0.1");
});

Deno.test("routeKey() tells users, addresses and ports apart, not names", async () => {
  assertEquals(
    routeKey(await route({ ansible_host: "10.0.0.1" })),
    "me@10.0.0.1:22",
  );
  assertEquals(
    routeKey(await route({ ansible_connection: "local" })),
    "local:me@web1",
  );
});

const CONFIG = `Host 10.0.0.1
  User from-file
  Port 2200
  IdentityFile /from-file
  ProxyJump jump
  StrictHostKeyChecking yes
  ConnectTimeout 7
  ForwardAgent yes
Host jump
  StrictHostKeyChecking yes
`;

Deno.test("the command line wins over variables, and these over ssh_config", async () => {
  const reached = async (
    vars: Record<string, unknown>,
    overrides: ConnectionOverrides = {},
  ) => {
    const all = { ansible_host: "10.0.0.1", ...vars };
    const { endpoint } = await route(all, overrides, CONFIG);
    const { user, port, identityFiles, jumps = [], ssh } = endpoint;
    return [
      `${user}@${port}`,
      identityFiles.join(" "),
      jumps.map(({ address, ssh }) => `${address} ${ssh?.hostKeys}`).join(" "),
      ssh?.hostKeys,
      ssh?.connectTimeoutMs,
    ];
  };
  assertEquals(
    await reached({}),
    ["from-file@2200", "/from-file", "jump check", "check", 7000],
  );
  const vars = {
    ansible_user: "root",
    ansible_port: 22,
    ansible_ssh_private_key_file: "~/own",
    ansible_host_key_checking: false,
    ansible_timeout: 3,
  };
  assertEquals(
    await reached(vars),
    ["root@22", "/home/me/own", "jump check", "off", 3000],
  );
  assertEquals(
    await reached(vars, {
      user: "you",
      port: 1,
      identityFiles: ["k"],
      hostKeys: "accept-new",
      connectTimeoutMs: 5,
    }),
    ["you@1", "k", "jump accept-new", "accept-new", 5],
  );
});

Deno.test("resolveRoute() reports lines of ssh_config that are not followed", async () => {
  const { ignored } = await route({ ansible_host: "10.0.0.1" }, {}, CONFIG);
  assertEquals(
    ignored.map(({ file, line }) => `${file}:${line}`),
    ["config:8"],
  );
});

Deno.test("ansible_ssh_common_args wins over ssh_config, for the host alone", async () => {
  const { endpoint } = await route(
    {
      ansible_ssh_common_args:
        "-tt -J root@gate:2222 -o StrictHostKeyChecking=no -i /own -lyou",
    },
    {},
    "User from-file\nIdentityFile /file",
  );
  const [jump] = endpoint.jumps ?? [];
  assertEquals([jump?.address, jump?.user, jump?.port], ["gate", "root", 2222]);
  assertEquals(jump?.ssh?.hostKeys, undefined);
  assertEquals(endpoint.ssh?.hostKeys, "off");
  assertEquals([endpoint.user, ...endpoint.identityFiles], [
    "you",
    "/own",
    "/file",
  ]);
  const other = await route({ ansible_ssh_common_args: "-F other" });
  assertEquals(other.endpoint.user, "from-other");
});

Deno.test("an argument of ansible_ssh_common_args that ftl cannot follow is refused by name", async () => {
  for (const words of ["-L 1:b:2", "-o", "web2", "-o Include=x -J", "-W a:1"]) {
    const error = await assertRejects(
      () => route({ ansible_ssh_common_args: words }),
      InventoryError,
      "of ansible_ssh_common_args: ",
    );
    assertEquals(error.host, "web1");
  }
});

Deno.test("routeKey() tells hosts with one address behind two bastions apart", async () => {
  const [one, other] = await Promise.all(
    ["a", "b"].map((gate) => route({ ansible_ssh_common_args: `-J ${gate}` })),
  );
  assertEquals(routeKey(one!), "me@a:22 me@web1:22");
  assertEquals(routeKey(other!), "me@b:22 me@web1:22");
});

Deno.test("the system's ssh gets the settings for the host, not those of the files", async () => {
  const config = "Host web1\n HostName 10.0.0.9\n User files";
  const { endpoint, reason } = await route(
    {
      ansible_connection: "openssh",
      ansible_port: 2222,
      ansible_ssh_common_args: "-o CertificateFile=~/c -i k",
    },
    { hostKeys: "off" },
    config,
  );
  assertEquals(endpoint.transport, "openssh");
  assertEquals(endpoint.address, "10.0.0.9");
  assertEquals(endpoint.openssh, {
    destination: "web1",
    user: undefined,
    port: 2222,
    identityFiles: undefined,
    options: ["certificatefile ~/c", "identityfile k"],
    forAll: { hostKeys: "off" },
    config: undefined,
  });
  assertEquals(reason, undefined);
});

Deno.test("the system's ssh stays in our process group", async () => {
  const config = "ForkAfterAuthentication yes";
  const { endpoint } = await route(
    { ansible_ssh_common_args: "-o ForkAfterAuthentication=yes" },
    { transport: "openssh" },
    config,
  );
  assertEquals(endpoint.openssh?.options?.[0], "forkafterauthentication no");
});

Deno.test("a host that needs the system's ssh gets it, with the reason", async () => {
  const config = "PKCS11Provider /p.so\nForwardAgent yes\nAddressFamily any";
  const chosen = await route({ ansible_connection: "ssh" }, {}, config);
  assertEquals(chosen.endpoint.transport, "openssh");
  assertEquals(chosen.reason, "pkcs11provider of config:1");
  assertEquals(chosen.endpoint.openssh?.reason, chosen.reason);
  assertEquals(
    chosen.ignored.map((line) => line.kind === "set" && line.keyword),
    ["forwardagent"],
  );
  const asked = await route({}, { transport: "ssh" }, config);
  assertEquals(asked.endpoint.transport, "ssh");
  assertEquals(
    asked.ignored.map((line) => line.kind === "set" && line.keyword),
    ["pkcs11provider", "forwardagent"],
  );
});

Deno.test("a certificate beside a key, and an authority, decide for the system's ssh", async () => {
  const home = await Deno.makeTempDir({ prefix: "ftl-means-" });
  try {
    await Deno.mkdir(`${home}/.ssh`);
    const find = async (vars: Record<string, unknown> = {}) => {
      const host = { name: "web1", vars, groups: [] };
      const controllerEnv = await findControllerEnv({ home, config: "none" });
      return (await resolveRoute(host, {}, controllerEnv)).reason;
    };
    const write = (name: string, text: string) =>
      Deno.writeTextFile(`${home}/.ssh/${name}`, text);
    await write("other", "a key");
    await write("id_rsa", "a key");
    const named = { ansible_ssh_private_key_file: "~/.ssh/other" };
    assertEquals(await find(named), undefined);
    await write("id_rsa-cert.pub", "a certificate");
    assertEquals(await find(named), undefined);
    assertEquals(await find(), `the certificate ${home}/.ssh/id_rsa-cert.pub`);
    // In wire format, as far as known_hosts goes: a type, and whatever.
    const key = "AAAAB3NzaC1yc2EAAAABYQ==";
    await write(
      "known_hosts",
      `# hosts\n@cert-authority web* ssh-rsa ${key}\n`,
    );
    assertEquals(
      await find(named),
      `the host's certificate, as of ${home}/.ssh/known_hosts:2`,
    );
    await write(
      "known_hosts",
      `@cert-authority web* ssh-rsa ${key}\nweb1 ssh-rsa ${key}\n`,
    );
    assertEquals(await find(named), undefined);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("resolveRoute() gives ssh the absolute path of a file of -F", async () => {
  const { endpoint } = await route({ ansible_ssh_common_args: "-F mine" });
  assertEquals(endpoint.openssh?.config, join(Deno.cwd(), "mine"));
});
