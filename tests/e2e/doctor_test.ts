// `ftl doctor` on machines that each lack one thing, and on hosts.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { type Account, createAccount, MODULES } from "../support/ftl.ts";
import { sshdNeed, startOpensshFleet } from "../support/openssh_fleet.ts";

interface Found {
  name: string;
  verdict: string;
  found: string;
  remedy?: string;
  ms?: number;
}

/** The doctor's results by the names of its checks. */
async function examine(account: Account, ...args: string[]) {
  const { code, stdout, stderr } = await account.ftl(
    ["doctor", "--json", ...args],
  );
  assertEquals(stderr, "");
  const { checks, hosts } = JSON.parse(stdout) as {
    checks: Found[];
    hosts: { host: string; verdict: string; checks: Found[] }[];
  };
  const byName = (list: Found[]) =>
    Object.fromEntries(list.map((check) => [check.name, check]));
  return {
    code,
    checks: byName(checks),
    hosts: hosts.map(({ host, verdict, checks }) => ({
      host,
      verdict,
      checks: byName(checks),
    })),
  };
}

async function write(account: Account, path: string, text: string) {
  const whole = join(account.home, path);
  await Deno.mkdir(join(whole, ".."), { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(whole, text, { mode: 0o600 });
  return whole;
}

Deno.test("ftl doctor passes on an empty machine, and leaves no files there", async () => {
  await using account = await createAccount();
  const { code, checks } = await examine(account);
  assertEquals(code, 0);
  assertEquals(checks.store!.verdict, "ok");
  assertMatch(checks.store!.found, /\.ftl will be created by the first run/);
  assertEquals(checks.known_hosts!.verdict, "warn");
  assertEquals(checks["open files"]!.verdict, "ok");
  const left = (await Array.fromAsync(Deno.readDir(account.home)))
    .map(({ name }) => name).filter((name) => name !== ".cache");
  assertEquals(left, []);
});

Deno.test("ftl doctor fails, and names the file and line of each fault", async (t) => {
  const cases: {
    what: string;
    path: string;
    text: string;
    check: string;
    verdict: string;
    found: RegExp;
    mode?: number;
    args?: (path: string) => string[];
  }[] = [
    {
      what: "ssh_config",
      path: ".ssh/config",
      text: 'Host a\n  User "b\n',
      check: "ssh_config",
      verdict: "fail",
      found: /\.ssh\/config:2: a quote is not closed/,
    },
    {
      what: "known_hosts",
      path: ".ssh/known_hosts",
      text:
        "# fine\nweb1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBnTHrZ1cQfF1KyhEIYKBFDUaPTkHHvD7CLvPmYbfvYl\nnonsense\n",
      check: "known_hosts",
      verdict: "warn",
      found: /^1 invalid line: .*known_hosts:3$/,
    },
    {
      what: "a key that others can read",
      path: ".ssh/id_ed25519",
      text: "",
      check: "keys",
      verdict: "warn",
      found: /Other users can read .*id_ed25519/,
      mode: 0o644,
    },
    {
      what: "an inventory",
      path: "hosts.yml",
      text: "all:\n  hosts: [\n",
      check: "inventory",
      verdict: "fail",
      found: /hosts\.yml/,
      args: (path) => ["-i", path],
    },
    {
      what: "a missing folder of modules",
      path: "x",
      text: "",
      check: "modules",
      verdict: "fail",
      found: /Cannot read modules from .*missing: the folder does not exist/,
      args: (path) => ["-M", path + "missing"],
    },
    {
      what: "a requirements file without its wheel",
      path: "requirements.txt",
      text: "flask\n",
      check: "packages",
      verdict: "fail",
      found: /Cannot find a wheel of flask/,
      args: (path) => ["-r", path, "--wheelhouse", join(path, "..")],
    },
    {
      what: "a store that others can write to",
      path: ".ftl/x",
      text: "",
      check: "store",
      verdict: "fail",
      found: /others can write to it/,
    },
  ];
  for (const { what, path, text, check, verdict, found, ...more } of cases) {
    await t.step(what, async () => {
      await using account = await createAccount();
      const whole = await write(account, path, text);
      if (more.mode !== undefined) await Deno.chmod(whole, more.mode);
      if (path.startsWith(".ftl")) await Deno.chmod(join(whole, ".."), 0o777);
      const { code, checks } = await examine(
        account,
        ...more.args?.(whole) ?? [],
      );
      assertMatch(checks[check]!.found, found);
      assertEquals(checks[check]!.verdict, verdict);
      assertEquals(code, verdict === "fail" ? 1 : 0);
    });
  }
});

Deno.test("ftl doctor counts the modules, collections and hosts of the options", async () => {
  await using account = await createAccount();
  const hosts = await write(account, "hosts.ini", "[web]\nweb[1:3]\n");
  const manifest = { collection_info: { version: "1.2.3" } };
  await write(
    account,
    "ansible_collections/acme/tools/MANIFEST.json",
    JSON.stringify(manifest),
  );
  const { code, checks } = await examine(
    account,
    ...["-i", hosts, "-M", MODULES, "--collections-path", account.home],
  );
  assertEquals(code, 0);
  assertMatch(checks.inventory!.found, /^3 hosts in \d groups, from /);
  assertMatch(checks.modules!.found, /^\d+ possible modules in /);
  assertMatch(
    checks.collections!.found,
    /^1 collection in .*: acme\.tools 1\.2\.3$/,
  );
});

Deno.test({
  name: `ftl doctor checks hosts phase by phase${sshdNeed.suffix}`,
  ignore: sshdNeed.ignore,
  fn: async () => {
    await using account = await createAccount();
    const fleet = await startOpensshFleet({ hosts: 2 });
    try {
      const { code, hosts } = await examine(account, ...fleet.flags, "h01");
      assertEquals([code, hosts.length], [0, 1]);
      const { host, checks } = hosts[0]!;
      assertEquals(host, "h01");
      const expected =
        "route connection login system clock folders python upload start gate";
      for (const name of expected.split(" ")) {
        assertEquals(checks[name]?.verdict, "ok", name);
      }
      assert(checks.login!.ms! >= 0);
      assertMatch(checks.python!.found, /^3\.\d+\.\d+, \//);
      assertMatch(checks.clock!.found, /right/);
      assertMatch(
        checks["key exchange"]!.found,
        /^curve25519-\S+, not post-quantum$/,
      );
      assertMatch(checks.gate!.found, /It is kept in /);
    } finally {
      await fleet.stop();
    }
  },
});

Deno.test("ftl doctor reports how far the connection to a host gets", async () => {
  await using account = await createAccount();
  const { code, hosts } = await examine(account, "127.0.0.1", "--port", "1");
  assertEquals(code, 3);
  const { connection, route, login } = hosts[0]!.checks;
  assertEquals([route!.verdict, connection!.verdict], ["ok", "fail"]);
  assertMatch(connection!.found, /refused the connection/);
  assertEquals(login, undefined);
  // Faults of this machine come first.
  const both = ["127.0.0.1", "--port", "1", "-M", "/nonexistent"];
  assertEquals((await examine(account, ...both)).code, 1);
  // A host that is not in the inventory is reported.
  const unknown = await examine(account, "-i", "web1,", "web2");
  assertEquals([unknown.code, unknown.checks.hosts!.verdict], [1, "fail"]);
});
