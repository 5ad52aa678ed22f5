import { assertEquals, assertThrows } from "@std/assert";
import { parseSshConfig } from "../../../src/transport/ssh_config/parse_config.ts";
import {
  type ResolveSettingsOptions,
  resolveSshConfig,
} from "../../../src/transport/ssh_config/host_settings.ts";

function resolve(
  text: string,
  host = "web1",
  changes: Partial<ResolveSettingsOptions> = {},
) {
  const config = parseSshConfig({ path: "config", text }, () => []);
  return resolveSshConfig([config], {
    host,
    localUser: "me",
    home: "/home/me",
    localHost: "here.example",
    env: (name) => name === "KEYS" ? "/keys" : undefined,
    ...changes,
  });
}

Deno.test("an empty file says nothing", () => {
  const settings = resolve("");
  assertEquals(settings.hostName, "web1");
  assertEquals([settings.user, settings.port], [undefined, undefined]);
  assertEquals([settings.identityFiles, settings.jumps], [[], []]);
  assertEquals([settings.hostKeys, settings.proxyCommand], [
    undefined,
    undefined,
  ]);
  assertEquals(settings.ignored, []);
});

Deno.test("the first value counts, and identity files add up", () => {
  const settings = resolve(
    "Host web*\nUser deploy\nIdentityFile ~/a\n" +
      "Host *\nUser other\nPort 2222\nIdentityFile /b\nIdentityFile ~/a",
  );
  assertEquals([settings.user, settings.port], ["deploy", 2222]);
  assertEquals(settings.identityFiles, ["/home/me/a", "/b"]);
});

Deno.test("given values win over the files", () => {
  const settings = resolve(
    "User deploy\nPort 2222\nProxyCommand nc %r %p",
    "a",
    {
      user: "root",
      port: 22,
    },
  );
  assertEquals([settings.user, settings.port], ["root", 22]);
  assertEquals(settings.proxyCommand, "nc root 22");
});

Deno.test("tokens, ~ and variables are expanded", () => {
  const settings = resolve(
    "HostName %h.example\nPort 2222\nUser deploy\n" +
      "IdentityFile ${KEYS}/%r@%h:%p-%n-%u-%L-%%\nIdentityFile %d/x\n" +
      'UserKnownHostsFile ~/k1 "%d/k 2"\nProxyCommand "nc" -x a:1 %h %p',
  );
  assertEquals(settings.hostName, "web1.example");
  assertEquals(settings.identityFiles, [
    "/keys/deploy@web1.example:2222-web1-me-here-%",
    "/home/me/x",
  ]);
  assertEquals(settings.userKnownHostsFiles, ["/home/me/k1", "/home/me/k 2"]);
  assertEquals(settings.proxyCommand, '"nc" -x a:1 web1.example 2222');
});

Deno.test("a name with shell characters reaches no command", () => {
  assertThrows(
    () => resolve("ProxyCommand nc %h 22", "a;reboot"),
    SyntaxError,
    'Cannot use proxycommand in config:1: %h would expand to "a;reboot"',
  );
});

Deno.test("jumps are split into user, host and port", () => {
  assertEquals(
    resolve("ProxyJump a,root@b:2222,ssh://c:22/,[::1]:22").jumps,
    [
      { host: "a" },
      { host: "b", user: "root", port: 2222 },
      { host: "c", port: 22 },
      { host: "::1", port: 22 },
    ],
  );
  assertEquals(resolve("ProxyJump none\nProxyJump a").jumps, []);
});

Deno.test("of ProxyJump and ProxyCommand the first counts", () => {
  const jump = resolve("ProxyJump a\nProxyCommand nc %h %p");
  assertEquals([jump.jumps.length, jump.proxyCommand], [1, undefined]);
  const command = resolve("ProxyCommand nc b\nProxyJump a");
  assertEquals([command.jumps.length, command.proxyCommand], [0, "nc b"]);
  assertEquals(resolve("ProxyCommand none").proxyCommand, undefined);
});

Deno.test("times and policies are read", () => {
  const settings = resolve(
    "ConnectTimeout 1m30s\nServerAliveInterval 20\nServerAliveCountMax 5\n" +
      "StrictHostKeyChecking accept-new",
  );
  assertEquals(settings.connectTimeoutMs, 90_000);
  assertEquals([settings.keepaliveMs, settings.keepaliveCount], [20_000, 5]);
  assertEquals(settings.hostKeys, "accept-new");
  assertEquals(resolve("ConnectTimeout 0").connectTimeoutMs, undefined);
  assertEquals(resolve("StrictHostKeyChecking no").hostKeys, "off");
  assertEquals(resolve("StrictHostKeyChecking ask").hostKeys, "check");
});

Deno.test("an agent may be named, or be none", () => {
  assertEquals(resolve("IdentityAgent none").identityAgent, "");
  assertEquals(resolve("IdentityAgent SSH_AUTH_SOCK").identityAgent, undefined);
  assertEquals(resolve("IdentityAgent $KEYS").identityAgent, "/keys");
  assertEquals(resolve("IdentityAgent ~/s").identityAgent, "/home/me/s");
});

Deno.test("a keyword that changes a connection and is not supported is reported", () => {
  const { ignored } = resolve(
    "ForwardAgent yes\nSendEnv LANG\nCertificateFile ~/c\nMatch tagged x\nPort 1",
  );
  assertEquals(ignored.map(({ line }) => line), [1, 3, 4]);
});

Deno.test("an invalid value is an error with its line", () => {
  const cases: [string, string][] = [
    ["\nPort ssh", 'Cannot use port in config:2: "ssh" is not a port'],
    ["ConnectTimeout x", 'config:1: "x" is not a time'],
    ["IdentityFile %Z", "config:1: %Z is not a known token"],
    ["IdentityFile ${NO}", "config:1: the variable NO is not set"],
    ["StrictHostKeyChecking maybe", 'config:1: "maybe" is not a policy'],
    ["ProxyJump a:b:c", '"a:b:c" is not a host'],
    ['User "me', "Cannot read config:1: a quote is not closed"],
  ];
  for (const [text, message] of cases) {
    assertThrows(() => resolve(text), SyntaxError, message);
  }
});

Deno.test("a value that is missing, or no port, is an error", () => {
  const cases = [
    ["HostName", "Cannot use hostname in config:1: its value is missing"],
    ['HostName ""', "Cannot use hostname in config:1: its value is missing"],
    [
      "IdentityFile",
      "Cannot use identityfile in config:1: its value is missing",
    ],
    ["Port 0", 'Cannot use port in config:1: "0" is not a port'],
    ["Port 65536", 'Cannot use port in config:1: "65536" is not a port'],
    ["Port x", 'Cannot use port in config:1: "x" is not a port'],
    [
      "ProxyJump a:99999",
      'Cannot use proxyjump in config:1: "99999" is not a port',
    ],
  ] as const;
  for (const [text, message] of cases) {
    assertThrows(() => resolve(text), SyntaxError, message);
  }
});

Deno.test("a command of Match exec that does not end is named by its line", () => {
  const exec = () => {
    throw new Error("its command took longer than 10 s");
  };
  assertThrows(
    () => resolve("Host web1\nMatch exec true\nPort 23", "web1", { exec }),
    SyntaxError,
    "Cannot use match in config:2: its command took longer than 10 s",
  );
});

Deno.test("IgnoreUnknown applies to keywords that ssh does not know", () => {
  const { ignored } = resolve(
    "IgnoreUnknown Use*,Shade\nUseKeychain yes\nShade red\nShape round\n" +
      "CertificateFile /x",
  );
  assertEquals(ignored.map(({ line }) => line), [4, 5]);
  const all = resolve("IgnoreUnknown *\nShape round\nSetEnv A=b");
  assertEquals(all.ignored.map(({ line }) => line), [3]);
});
