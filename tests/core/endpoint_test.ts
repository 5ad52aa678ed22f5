import { assertEquals, assertThrows } from "@std/assert";
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

Deno.test("resolveRoute() has a default for everything", () => {
  assertEquals(route({}), {
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

Deno.test("resolveRoute() reads the variables that Ansible knows", () => {
  const { endpoint, python } = route({
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
  assertEquals(
    route({ ansible_python_interpreter: "auto_silent" }).python,
    undefined,
  );
});

Deno.test("resolveRoute() lets what is said for all hosts win", () => {
  const { endpoint } = route(
    { ansible_user: "root", ansible_port: 1, ansible_connection: "ssh" },
    { user: "you", port: 2, transport: "local", identityFiles: ["k"] },
  );
  assertEquals(endpoint.user, "you");
  assertEquals(endpoint.port, 2);
  assertEquals(endpoint.transport, "local");
  assertEquals(endpoint.identityFiles, ["k"]);
});

const WRONG: [variable: string, value: unknown, how: string][] = [
  ["ansible_host", "{{ ip }}", "is a template"],
  ["ansible_host", "-oProxyCommand=x", "not a plain word"],
  ["ansible_host", "a b", "not a plain word"],
  ["ansible_host", ["a"], "neither text nor a number"],
  ["ansible_user", "root\n", "not a plain word"],
  ["ansible_port", "ssh", "ssh is not a port"],
  ["ansible_port", 65_536, "65536 is not a port"],
  ["ansible_connection", "winrm", "winrm is none of ssh and local"],
  ["ansible_python_interpreter", "py;id", "not a plain path"],
];

for (const [variable, value, how] of WRONG) {
  Deno.test(`resolveRoute() refuses ${JSON.stringify(value)} as ${variable}`, () => {
    const error = assertThrows(
      () => route({ [variable]: value }),
      InventoryError,
      `Cannot use ${variable} of web1: `,
    );
    assertEquals(error.message.endsWith(how), true, error.message);
    assertEquals(error.host, "web1");
  });
}

Deno.test("routeKey() tells users, addresses and ports apart, not names", () => {
  assertEquals(routeKey(route({ ansible_host: "10.0.0.1" })), "me@10.0.0.1:22");
  assertEquals(
    routeKey(route({ ansible_connection: "local" })),
    "local:me@web1",
  );
});
