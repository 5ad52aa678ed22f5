// Hosts as people write them, and hints where they meant others.
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { createAccount } from "../../support/ftl.ts";

Deno.test("a list of hosts may name users and ports", async () => {
  await using account = await createAccount();
  const { stdout } = await account.ftl(
    ["inventory", "list", "-i", "ann@web1:2222,web2,", "--format", "json"],
  );
  const [first, second] = JSON.parse(stdout);
  assertEquals(first.name, "web1");
  assertEquals(first.vars, { ansible_port: 2222, ansible_user: "ann" });
  assertEquals([second.name, second.vars], ["web2", {}]);
});

Deno.test("a range without the zeros of the names gets a suggestion", async () => {
  await using account = await createAccount();
  const { code, stderr } = await account.ftl(
    ["inventory", "list", "-i", "web[01:03],", "-l", "web[1-3]"],
  );
  assertEquals(code, 2);
  assertMatch(stderr, /Did you mean web\[01-03\]\?/);
});

Deno.test("inventory list and show mask passwords as :vars does", async () => {
  await using account = await createAccount();
  const hosts = join(account.home, "hosts.ini");
  await Deno.writeTextFile(hosts, "web1 db_password=hunter2 size=3\n");
  for (const command of ["list", "show"]) {
    for (const format of ["text", "json"]) {
      const words = command === "show" ? ["web1"] : [];
      const { stdout } = await account.ftl(
        ["inventory", command, ...words, "-i", hosts, "--format", format],
      );
      assertEquals(stdout.includes("hunter2"), false, stdout);
    }
  }
});

Deno.test("--max-fail warns where all hosts start at once", async () => {
  await using account = await createAccount();
  const call = ["exec", "-c", "local", "-i", "a,b,", "--max-fail", "0"];
  const alone = await account.ftl([...call, "--", "true"]);
  assertMatch(alone.stderr, /--max-fail can stop nothing: all 2 hosts/);
  const rolled = await account.ftl([...call, "--serial", "1", "--", "true"]);
  assertEquals(rolled.stderr, "");
});

Deno.test("--timeout 0 lets a call run as long as it takes", async () => {
  await using account = await createAccount();
  const { code } = await account.ftl(
    ["exec", "-c", "local", "-i", "a,", "--timeout", "0", "--", "sleep 0.1"],
  );
  assertEquals(code, 0);
});

Deno.test("a template's missing variable names the encrypted file that was skipped", async () => {
  await using account = await createAccount();
  const file = (name: string) => join(account.home, name);
  await Deno.writeTextFile(
    file("hosts.ini"),
    "web1 ansible_connection=local ansible_user='{{ vault_user }}'\n",
  );
  await Deno.mkdir(file("group_vars"));
  await Deno.writeTextFile(
    file("group_vars/all.yml"),
    "$ANSIBLE_VAULT;1.1;AES256\n6162\n",
  );
  const { stdout, stderr } = await account.ftl(
    ["exec", "-i", file("hosts.ini"), "--", "true"],
  );
  assertMatch(
    stdout + stderr,
    /group_vars\/all\.yml is encrypted, and was skipped/,
  );
});

Deno.test("--check reports what would change", async () => {
  await using account = await createAccount();
  const modules = join(account.home, "m");
  await Deno.mkdir(modules);
  await Deno.writeTextFile(
    join(modules, "set.py"),
    "def main(check_mode=False):\n    return {'changed': True}\n",
  );
  const call = ["run", "set", "-M", modules, "-c", "local", "-i", "a,"];
  const { stdout } = await account.ftl([...call, "-C"]);
  assertMatch(stdout, /^a: would change\n1 host: 1 would change in /);
  const streamed = await account.ftl([...call, "--stream"]);
  assertMatch(streamed.stdout, /^a: changed\n/);
});

Deno.test("push -v and fetch -v name the files", async () => {
  await using account = await createAccount();
  const file = (name: string) => join(account.home, name);
  await Deno.mkdir(file("src"));
  for (const name of ["a", "b"]) {
    await Deno.writeTextFile(file(`src/${name}`), name);
  }
  const local = ["-c", "local", "-i", "h,", "-v"];
  const pushed = await account.ftl([
    "push",
    file("src/"),
    file("there"),
    ...local,
  ]);
  assertMatch(pushed.stdout, /\n {2}sent: \[a, b\]\n/);
  const fetched = await account.ftl([
    "fetch",
    file("src/"),
    file("here"),
    ...local,
  ]);
  assertMatch(fetched.stdout, /\n {2}received: \[(?:a, b|b, a)\]\n/);
});
