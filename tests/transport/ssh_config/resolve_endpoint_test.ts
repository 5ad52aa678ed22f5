import { assertEquals, assertThrows } from "@std/assert";
import type { Endpoint } from "../../../src/transport/transport.ts";
import {
  configureEndpoint,
  type GivenEndpoint,
} from "../../../src/transport/ssh_config/resolve_endpoint.ts";
import { parseSshConfig } from "../../../src/transport/ssh_config/parse_config.ts";

function configure(text: string, given: Partial<GivenEndpoint> = {}) {
  const config = parseSshConfig({ path: "config", text }, () => []);
  return configureEndpoint(
    [config],
    { name: "web1", address: "web1", ...given },
    {
      localUser: "me",
      home: "/home/me",
      localHost: "here",
      env: () => undefined,
    },
  );
}

/** The way to a host, as `user@address:port` of each stop. */
function way({ jumps = [], ...last }: Endpoint): string {
  return [...jumps, last]
    .map(({ user, address, port }) => `${user}@${address}:${port}`).join(" ");
}

Deno.test("a host of which nothing is said is itself", () => {
  const { endpoint, ignored } = configure("");
  assertEquals(way(endpoint), "me@web1:22");
  assertEquals([endpoint.name, endpoint.identityFiles, ignored], [
    "web1",
    [],
    [],
  ]);
  assertEquals(endpoint.ssh?.knownHostsFiles, undefined);
});

Deno.test("settings of the host win over the files", () => {
  const text = "HostName real\nUser deploy\nPort 2222\nIdentityFile /a";
  assertEquals(way(configure(text).endpoint), "deploy@real:2222");
  const given = { user: "root", port: 22, identityFiles: ["/b"] };
  const { endpoint } = configure(text, given);
  assertEquals(way(endpoint), "root@real:22");
  assertEquals(endpoint.identityFiles, ["/b"]);
});

Deno.test("a chain of jumps is followed, the first as its own lines say", () => {
  const { endpoint } = configure(
    "Host web1\nProxyJump a,root@b:2222\n" +
      "Host a\nProxyJump outer\nPort 1111\n" +
      "Host b\nProxyJump never\nProxyCommand never\nHostName real-b\n",
  );
  assertEquals(
    way(endpoint),
    "me@outer:22 me@a:1111 root@real-b:2222 me@web1:22",
  );
});

Deno.test("jumps in a circle are an error", () => {
  assertThrows(
    () => configure("Host *\nProxyJump bastion"),
    SyntaxError,
    "Cannot follow ProxyJump in a circle: web1, bastion, bastion",
  );
});

Deno.test("files of known hosts stand beside the defaults of the other kind", () => {
  assertEquals(
    configure("UserKnownHostsFile ~/mine").endpoint.ssh?.knownHostsFiles,
    ["/home/me/mine", "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"],
  );
  assertEquals(
    configure("GlobalKnownHostsFile /all").endpoint.ssh?.knownHostsFiles,
    ["/home/me/.ssh/known_hosts", "/home/me/.ssh/known_hosts2", "/all"],
  );
});

Deno.test("lines that are not followed are named, those of jumps too", () => {
  const { ignored } = configure(
    "Host web1\nProxyJump a\nBindAddress ::1\nHost a\nCertificateFile c",
  );
  assertEquals(ignored.map(({ line }) => line), [3, 5]);
});
