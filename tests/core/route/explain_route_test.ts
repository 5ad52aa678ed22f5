import { assertEquals } from "@std/assert";
import type { ConnectionOverrides } from "../../../src/core/route/host_endpoint.ts";
import { explainRoute } from "../../../src/core/route/explain_route.ts";
import type { Origin } from "../../../src/core/route/setting_origins.ts";
import { parseSshConfig } from "../../../src/transport/ssh_config/parse_config.ts";

/** Explains web1; returns a setting of a stop as its value and its origin. */
async function explained(
  vars: Record<string, unknown>,
  { overrides = {}, config = "", shared = [] }: {
    overrides?: ConnectionOverrides;
    config?: string;
    shared?: ("password" | "becomePassword")[];
  } = {},
) {
  const host = { name: "web1", vars, groups: [] };
  const explanation = await explainRoute(host, {
    overrides,
    shared,
    controllerEnv: {
      localUser: "me",
      home: "/home/me",
      localHost: "here",
      env: () => undefined,
      configs: () => [
        parseSshConfig({ path: "config", text: config }, () => []),
      ],
    },
  });
  const all = [
    { host: "", settings: explanation.settings },
    ...explanation.stops,
  ];
  return {
    route: explanation.stops.map((stop) => stop.host),
    of: (stop: string, name: string) => {
      const found = all.find(({ host }) => host === stop)?.settings
        .find((setting) => setting.name === name);
      return found && [found.value, ...found.from.map(text)];
    },
  };
}

function text(origin: Origin): string {
  switch (origin.kind) {
    case "default":
      return "default";
    case "line":
      return `${origin.file}:${origin.line}`;
    default:
      return `${origin.kind} ${origin.name}`;
  }
}

Deno.test("a host without settings has defaults", async () => {
  const { route, of } = await explained({});
  assertEquals(route, ["web1"]);
  assertEquals(of("", "connection"), ["ssh", "default"]);
  assertEquals(of("web1", "user"), ["me", "default"]);
  assertEquals(of("web1", "port"), [22, "default"]);
  assertEquals(of("web1", "host_key_alias"), ["web1", "default"]);
  assertEquals(of("web1", "connect_timeout_ms"), [10_000, "default"]);
});

Deno.test("options win over variables, these over ssh_config, that over defaults", async () => {
  const config = `Host *
  User c
  Port 3
  ConnectTimeout 7
  IdentityFile ~/a
  IdentityFile ~/b`;
  const lines = await explained({}, { config });
  assertEquals(lines.of("web1", "user"), ["c", "config:2"]);
  assertEquals(lines.of("web1", "connect_timeout_ms"), [7000, "config:4"]);
  assertEquals(lines.of("web1", "identity_files"), [
    ["/home/me/a", "/home/me/b"],
    "config:5",
    "config:6",
  ]);
  const vars = {
    ansible_user: "v",
    ansible_ssh_port: 2,
    ansible_ssh_common_args: "-o ConnectTimeout=8",
  };
  const variables = await explained(vars, { config });
  assertEquals(variables.of("web1", "user"), ["v", "variable ansible_user"]);
  assertEquals(variables.of("web1", "port"), [2, "variable ansible_ssh_port"]);
  assertEquals(
    variables.of("web1", "connect_timeout_ms"),
    [8000, "variable ansible_ssh_common_args"],
  );
  const overrides = { user: "o", port: 1, identityFiles: ["k"] };
  const options = await explained(vars, { config, overrides });
  assertEquals(options.of("web1", "user"), ["o", "override user"]);
  assertEquals(options.of("web1", "port"), [1, "override port"]);
  assertEquals(options.of("web1", "identity_files"), [
    ["k"],
    "override identityFiles",
  ]);
});

Deno.test("HostName replaces the address of a variable", async () => {
  const config = "Host alias\n  HostName 192.0.2.1";
  const { of } = await explained({ ansible_host: "alias" }, { config });
  assertEquals(of("web1", "address"), ["192.0.2.1", "config:2"]);
});

Deno.test("each bastion has settings of its own", async () => {
  const config = `Host web1
  ProxyJump ann@gate:2222,inner
Host gate
  ProxyJump outer
  User not-this
  HostKeyAlias the-gate
Host inner
  Port 44`;
  const { route, of } = await explained({ ansible_user: "v" }, {
    config,
    overrides: { hostKeys: "off", port: 1 },
  });
  assertEquals(route, ["outer", "gate", "inner", "web1"]);
  assertEquals(of("outer", "user"), ["me", "default"]);
  assertEquals(of("gate", "user"), ["ann", "config:2"]);
  assertEquals(of("gate", "port"), [2222, "config:2"]);
  assertEquals(of("gate", "host_key_alias"), ["the-gate", "config:6"]);
  assertEquals(of("inner", "port"), [44, "config:8"]);
  assertEquals(of("inner", "host_keys"), ["off", "override hostKeys"]);
  assertEquals(of("web1", "proxy_jump"), ["outer,gate,inner", "config:2"]);
  assertEquals(of("web1", "port"), [1, "override port"]);
});

Deno.test("a password is shown by its origin only", async () => {
  const vars = {
    ansible_ssh_pass: "hunter2",
    ansible_become: true,
    ansible_become_password: "x",
  };
  const own = await explained(vars);
  assertEquals(of(own), ["********", "variable ansible_ssh_pass"]);
  assertEquals(own.of("", "become_password"), [
    "********",
    "variable ansible_become_password",
  ]);
  const given = await explained(vars, { shared: ["password"] });
  assertEquals(of(given), ["********", "override password"]);
  function of(explanation: typeof own) {
    return explanation.of("", "password");
  }
});

Deno.test("a host on whose disks nothing is put is shown as such", async () => {
  const plain = await explained({});
  assertEquals(plain.of("", "in_memory"), undefined);
  const { of } = await explained({ ftl_in_memory: true });
  assertEquals(of("", "in_memory"), [true, "variable ftl_in_memory"]);
  const all = await explained({}, { overrides: { inMemory: true } });
  assertEquals(all.of("", "in_memory"), [true, "override inMemory"]);
});

Deno.test("the become user is shown with its origins", async () => {
  const none = await explained({});
  assertEquals(none.of("", "become"), [false, "default"]);
  const vars = { ansible_become_user: "app", ansible_become_flags: "-n" };
  const { of } = await explained(vars, {
    overrides: { become: { enabled: true, method: "doas" } },
    shared: ["becomePassword"],
  });
  assertEquals(of("", "become"), [true, "override become"]);
  assertEquals(of("", "become_user"), ["app", "variable ansible_become_user"]);
  assertEquals(of("", "become_method"), ["doas", "override becomeMethod"]);
  assertEquals(of("", "become_flags"), [
    ["-n"],
    "variable ansible_become_flags",
  ]);
  assertEquals(of("", "become_password"), [
    "********",
    "override becomePassword",
  ]);
});
