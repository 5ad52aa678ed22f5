import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConnectError } from "../../../src/errors.ts";
import {
  type CommonSettings,
  sshArguments,
  sshConfigText,
} from "../../../src/transport/openssh/ssh_arguments.ts";
import type { Endpoint } from "../../../src/transport/transport.ts";

const common: CommonSettings = {
  hostKeys: "check",
  keepaliveMs: 15_000,
  agentSocket: undefined,
  home: "/home/me",
};

function endpoint(settings: Partial<Endpoint> = {}): Endpoint {
  return {
    name: "web1",
    transport: "openssh",
    address: "10.0.0.1",
    port: 22,
    user: "me",
    identityFiles: [],
    openssh: { destination: "web1" },
    ...settings,
  };
}

function words(settings: Partial<Endpoint> = {}): string[] {
  return sshArguments(endpoint(settings), {
    configFile: "/run/c",
    socketPath: "/run/s",
    common,
  });
}

Deno.test("ssh gets the name that the user gave, after all options", () => {
  assertEquals(words().slice(-2), ["--", "web1"]);
  assertEquals(words().slice(0, 7).join(" "), "-N -T -M -S /run/s -F /run/c");
});

Deno.test("settings of a host come before those of the files", () => {
  const given = words({
    openssh: {
      destination: "web1",
      user: "root",
      port: 2222,
      identityFiles: ["/a key"],
      options: ["certificatefile /c", "pkcs11provider /p.so"],
    },
  });
  const at = given.indexOf("certificatefile /c");
  assertEquals(
    given.slice(at - 1).join("|"),
    "-o|certificatefile /c|-o|pkcs11provider /p.so|-l|root|-p|2222|-i|/a key|--|web1",
  );
});

Deno.test("Kerberos and security keys are left to ssh, with no option against them", () => {
  const text = words().join("\n") + sshConfigText(endpoint(), common);
  assertEquals(/gssapi|securitykey|pkcs11|authentication/i.test(text), false);
});

Deno.test("a name that is an option or a path is refused", () => {
  for (const destination of ["-oProxyCommand=id", "", "a b", "a\nb", "u@h"]) {
    assertThrows(
      () => words({ openssh: { destination } }),
      ConnectError,
      "is not a host name",
    );
  }
});

Deno.test("keys of hosts are judged by the policy that holds for all transports", () => {
  const has = (hostKeys: "check" | "accept-new" | "off") =>
    words({ ssh: { hostKeys, knownHostsFiles: ["/a b", "/c%d"] } })
      .filter((word) => /Key|KnownHosts/.test(word));
  assertEquals(has("check"), [
    "StrictHostKeyChecking yes",
    'UserKnownHostsFile "/a b" "/c%%d"',
    "GlobalKnownHostsFile /dev/null",
  ]);
  assertEquals(has("accept-new")[0], "StrictHostKeyChecking accept-new");
  assertEquals(has("off"), [
    "StrictHostKeyChecking no",
    'UserKnownHostsFile "/dev/null" "/a b" "/c%%d"',
    "GlobalKnownHostsFile /dev/null",
  ]);
});

Deno.test("the file includes the user's, after the settings for all hosts", () => {
  const text = sshConfigText(
    endpoint({
      openssh: { destination: "web1", forAll: { knownHostsFiles: ["/k"] } },
    }),
    { ...common, agentSocket: "" },
  );
  assertEquals(text.split("\n"), [
    "BatchMode yes",
    "UpdateHostKeys no",
    'UserKnownHostsFile "/k"',
    "GlobalKnownHostsFile /dev/null",
    'Include "/home/me/.ssh/config"',
    'Include "/etc/ssh/ssh_config"',
    "Host *",
    "StrictHostKeyChecking yes",
    'UserKnownHostsFile "/home/me/.ssh/known_hosts" "/home/me/.ssh/known_hosts2"',
    'IdentityAgent "none"',
    "ServerAliveInterval 15",
    "ServerAliveCountMax 3",
    "",
  ]);
});

Deno.test("a file that replaces the user's is included instead", () => {
  const include = (config: string) =>
    sshConfigText(
      endpoint({ openssh: { destination: "web1", config } }),
      common,
    ).split("\n").filter((line) => line.startsWith("Include"));
  assertEquals(include("/my/config"), ['Include "/my/config"']);
  assertEquals(include("none"), []);
});

Deno.test("an endpoint without configuration stays unchanged", () => {
  const { openssh: _, ...plain } = endpoint();
  const given = sshArguments(plain, {
    configFile: "c",
    socketPath: "s",
    common,
  }).join(" ");
  assertStringIncludes(given, "-l me -p 22 -- 10.0.0.1");
});
