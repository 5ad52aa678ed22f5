import { assertEquals, assertRejects } from "@std/assert";
import {
  type ConnectionOverrides,
  resolveRoute,
  routeKey,
} from "../../src/core/endpoint.ts";
import { InventoryError } from "../../src/errors.ts";

const defaults = { user: "me", home: "/home/me" };

function route(
  vars: Record<string, unknown>,
  overrides: ConnectionOverrides = {},
) {
  const host = { name: "web1", vars, groups: [] };
  return resolveRoute(host, overrides, defaults);
}

Deno.test("resolveRoute() has a default for everything", async () => {
  assertEquals(await route({}), {
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
  const { endpoint, python } = await route({
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

Deno.test("resolveRoute() lets what is said for all hosts win", async () => {
  const { endpoint } = await route(
    { ansible_user: "root", ansible_port: 1, ansible_connection: "ssh" },
    { user: "you", port: 2, transport: "local", identityFiles: ["k"] },
  );
  assertEquals(endpoint.user, "you");
  assertEquals(endpoint.port, 2);
  assertEquals(endpoint.transport, "local");
  assertEquals(endpoint.identityFiles, ["k"]);
});

Deno.test("resolveRoute() names the host and the variable that make no sense", async () => {
  for (
    const [variable, value] of [
      ["ansible_host", "-oProxyCommand=x"],
      ["ansible_host", "{{ nowhere }}"],
      ["ansible_port", "ssh"],
      ["ansible_connection", "winrm"],
      ["ansible_connection", "openssh"],
      ["ansible_python_interpreter", "py;id"],
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

Deno.test("resolveRoute() renders what is written as a template", async () => {
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
