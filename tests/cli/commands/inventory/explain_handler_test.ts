// `ftl inventory explain` with real files.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { createAccount, mainCommand } from "../../../support/ftl.ts";

const HOSTS = `all:
  vars: {ansible_user: deploy}
  children:
    web:
      hosts:
        web1: {ansible_host: 192.0.2.7}
`;

Deno.test("explain prints the option, file and line of each setting", async () => {
  await using account = await createAccount();
  const { home } = account;
  await Deno.mkdir(join(home, ".ssh"));
  const config = join(home, ".ssh/config");
  await Deno.writeTextFile(
    config,
    "Host 192.0.2.*\n  ProxyJump ann@gate\n  ForwardAgent yes\n",
  );
  const hosts = join(home, "hosts.yml");
  await Deno.writeTextFile(hosts, HOSTS);
  const words = ["inventory", "explain", "web1", "-i", hosts, "--port", "2222"];
  const more = ["-e", "ansible_timeout=3", "-k"];
  const { code, stdout, stderr } = await account.ftl([...words, ...more]);
  assertEquals([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n")
    .map((line) => line.trim().replace(/ {2,}/g, " "));
  assertEquals(lines[0], "gate > web1");
  for (
    const line of [
      "password ******** (--ask-pass)",
      "bastion gate",
      `user ann (${config}:2)`,
      "host web1",
      `address 192.0.2.7 (ansible_host, ${hosts}:6)`,
      "port 2222 (--port)",
      `user deploy (ansible_user, all, ${hosts}:2)`,
      "connect timeout 3 s (ansible_timeout, --extra-vars)",
      `proxy jump gate (${config}:2)`,
      `ignored: forwardagent of ${config}:3`,
    ]
  ) assertEquals(lines.includes(line), true, `${line}\nin\n${stdout}`);

  const json = await account.ftl([...words, "--format", "json"]);
  const { host, settings, route, not_followed } = JSON.parse(json.stdout);
  assertEquals(host, "web1");
  assertEquals(settings.connection, { value: "ssh", from: ["default"] });
  assertEquals(route.map((stop: { host: string }) => stop.host), [
    "gate",
    "web1",
  ]);
  assertEquals(route[1].settings.port, { value: 2222, from: ["--port"] });
  assertEquals(not_followed, [`${config}:3`]);
});

Deno.test("explain knows localhost, and suggests a host for a mistyped name", async () => {
  await using account = await createAccount();
  const hosts = join(account.home, "hosts.yml");
  await Deno.writeTextFile(hosts, HOSTS);
  const words = ["inventory", "explain", "-i", hosts];
  const local = await account.ftl([...words, "localhost"]);
  assertMatch(local.stdout, /^localhost\n {4}connection +local +\(/);
  const other = await account.ftl([...words, "wev1"]);
  assertEquals(other.code, 2);
  assertStringIncludes(other.stderr, "Did you mean web1?");
});

Deno.test("explain shows FTL_BECOME and the other FTL_BECOME_ variables", async () => {
  await using account = await createAccount();
  const explain = async (env: Record<string, string>, vars: string) => {
    const { command: [program = "", ...args], env: own } = mainCommand(
      account.home,
    );
    const words = ["inventory", "explain", "web1", "-i", "web1,", "-e", vars];
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args: [...args, ...words, "--ssh-config", "none"],
      clearEnv: true,
      env: { ...own, ...env },
    }).output();
    const text = new TextDecoder();
    const lines = text.decode(stdout).split("\n")
      .map((line) => line.trim().replace(/ {2,}/g, " "))
      .filter((line) => line.startsWith("become"));
    return { code, lines, stderr: text.decode(stderr) };
  };
  const password = join(account.home, "password");
  await Deno.writeTextFile(password, "s3cret", { mode: 0o600 });
  const all = await explain({
    FTL_BECOME: "1",
    FTL_BECOME_USER: "app",
    FTL_BECOME_METHOD: "doas",
    FTL_BECOME_PASSWORD_FILE: password,
  }, "ansible_become=no");
  assertEquals(all.lines, [
    "become yes (FTL_BECOME)",
    "become user app (FTL_BECOME_USER)",
    "become method doas (FTL_BECOME_METHOD)",
    "become password ******** (FTL_BECOME_PASSWORD_FILE)",
  ]);
  const off = await explain({ FTL_BECOME: "0" }, "ansible_become=yes");
  assertEquals(off.lines, ["become no (FTL_BECOME)"]);
  const neither = await explain({ FTL_BECOME: "root" }, "x=1");
  assertEquals(neither.code, 2);
  assertStringIncludes(
    neither.stderr,
    'Cannot use FTL_BECOME: "root" is neither 1 nor 0',
  );
});
