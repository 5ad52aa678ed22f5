// `ftl exec` with stdin, with a script, and with words that choose hosts in other
// programs.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { createAccount } from "../../../support/ftl.ts";

const LOCAL = ["-c", "local", "-i", "web1,web2,db1,"];

Deno.test("exec refuses words before the command, and shows how to choose hosts", async () => {
  await using account = await createAccount();
  const hosts = join(account.home, "hosts.ini");
  await Deno.writeTextFile(hosts, "[web]\nweb[1:2] ansible_connection=local\n");
  const cases: [string[], string][] = [
    [["web", "--", "uptime"], "ftl exec -l web -- uptime\n"],
    [["web1,web2", "--", "uptime", "-p"], "-l web1,web2 -- uptime -p\n"],
    [["web", "touch", "ran"], "ftl exec -l web -- touch ran\n"],
    [["web*", "touch", "ran"], "ftl exec -l 'web*' -- touch ran\n"],
    [["all", "touch", "ran"], "ftl exec -l all -- touch ran\n"],
    [[""], "Write it after --"],
  ];
  for (const [words, hint] of cases) {
    const { code, stderr } = await account.ftl(["exec", "-i", hosts, ...words]);
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, hint);
  }
  const named = await account.ftl(["exec", "-i", hosts, "--", "web", "x"]);
  assertEquals(named.code, 1); // after -- it is a command, whatever its name
});

Deno.test("exec gives its stdin to every host", async () => {
  await using account = await createAccount();
  const { stdout } = await account.ftl(
    ["exec", ...LOCAL, "--", "bash -s"],
    "echo from stdin\n",
  );
  assertMatch(stdout, /\(3\): ok, rc 0\n {2}from stdin\n/);
  const large = "0123456789abcde\n".repeat(1 << 17);
  const counted = await account.ftl(["exec", ...LOCAL, "--", "wc -c"], large);
  assertMatch(counted.stdout, /\(3\): ok, rc 0\n {2}2097152\n/);
});

Deno.test("exec gives its stdin to hosts that start later, too", async () => {
  await using account = await createAccount();
  const { stdout } = await account.ftl(
    ["exec", ...LOCAL, "--serial", "1", "--", "cat"],
    "all of it\n",
  );
  assertMatch(stdout, /\(3\): ok, rc 0\n {2}all of it\n/);
});

Deno.test("exec ends with its command, even if that reads no stdin", async () => {
  await using account = await createAccount();
  const large = "x".repeat(1 << 21);
  const { code, stdout } = await account.ftl(
    ["exec", ...LOCAL, "--", "head -c 1; exec <&-; echo; exit 4"],
    large,
  );
  assertEquals(code, 1);
  assertMatch(stdout, /\(3\): failed, rc 4\n {2}x\n/);
});

Deno.test("exec --script runs a file of this machine with arguments and stdin", async () => {
  await using account = await createAccount();
  const script = join(account.home, "say.sh");
  await Deno.writeTextFile(script, '#!/bin/sh\nprintf "<%s>" "$@"; cat\n');
  const { stdout } = await account.ftl(
    ["exec", ...LOCAL, "--script", script, "--", "a b", "$c"],
    "in\n",
  );
  assertMatch(stdout, /\(3\): ok, rc 0\n {2}<a b><\$c>in\n/);
  const none = await account.ftl(["exec", ...LOCAL, "--script", "/no/such"]);
  assertEquals(none.code, 2);
  assertMatch(none.stderr, /Cannot run \/no\/such: /);
});

Deno.test("output that no terminal shows is not cut", async () => {
  await using account = await createAccount();
  const modules = join(account.home, "m");
  await Deno.mkdir(modules);
  await Deno.writeTextFile(
    join(modules, "many.py"),
    "def main():\n    return {'facts': {'k%03d' % i: 'x' * 300 for i in range(99)}}\n",
  );
  const call = ["run", "many", "-M", modules, ...LOCAL];
  const text = await account.ftl(call);
  assertMatch(text.stdout, /k098: x{300}\n/);
  const table = await account.ftl(
    [...call, "--format", "table", "--columns", "host,facts"],
  );
  assertStringIncludes(table.stdout, '"k098":"');
});

Deno.test("a table finds a command's stdout without the path of its result", async () => {
  await using account = await createAccount();
  const words = ["--format", "table", "--columns", "host,stdout", "--"];
  const { stdout } = await account.ftl(
    ["exec", ...LOCAL, ...words, "echo found"],
  );
  assertMatch(stdout, /^HOST +STDOUT\nweb1 +found\n/);
});
