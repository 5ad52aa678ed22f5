import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { createAccount } from "../../../support/ftl.ts";

const LOCAL = ["-c", "local", "-i", "web1,web2,db/1,"];

Deno.test("a run leaves a record of hosts and statuses, and the next can choose hosts from it", async () => {
  await using account = await createAccount();
  const script = 'mkdir "$HOME/lock" 2>/dev/null || exit 7';
  const first = await account.ftl(["exec", ...LOCAL, "--", script]);
  assertEquals(first.code, 1);

  const list = await account.ftl(["runs", "list"]);
  assertMatch(list.stdout, /^RUN +STARTED +TIME +HOSTS +RESULT +CALL\n/);
  assertMatch(list.stdout, / all \(3\) +1 ok, 2 failed +exec -- mkdir .*\n$/);

  const show = await account.ftl(["runs", "show"]);
  assertMatch(show.stdout, /\n {2}1 ok: .*\n {2}2 failed: .*\n/);
  assertMatch(
    show.stdout,
    /^[0-9a-f]{8}: exec -- mkdir .*\non all \(3\), \d{4}-/,
  );

  const last = await account.ftl(["runs", "show", "--last"]);
  assertEquals(last, show);
  const both = await account.ftl(["runs", "show", "--last", "abc"]);
  assertEquals(both.code, 2);

  const again = await account.ftl(
    ["exec", ...LOCAL, "-l", "@last:failed", "--list-hosts", "--", "true"],
  );
  assertEquals(again.stdout.trim().split("\n").length, 2);

  const none = await account.ftl(
    ["exec", ...LOCAL, "-l", "@last:changed", "--", "true"],
  );
  assertEquals(none.code, 2);
  assertMatch(
    none.stderr,
    /by @last:changed: no host of the last run has this status/,
  );
});

Deno.test("a pattern can choose hosts of any run by its id", async () => {
  await using account = await createAccount();
  await account.ftl(["exec", ...LOCAL, "-l", "web1", "--", "exit 3"]);
  await account.ftl(["exec", ...LOCAL, "--", "true"]);
  const { stdout } = await account.ftl(["runs", "list", "--format", "json"]);
  const [, { id, has_events }] = JSON.parse(stdout);
  assertEquals(has_events, false);
  const list = (pattern: string) =>
    account.ftl(
      ["exec", ...LOCAL, "-l", pattern, "--list-hosts", "--", "true"],
    );
  assertEquals((await list(`@${id}:failed`)).stdout, "web1\n");
  assertEquals((await list(`@last:!@${id}:failed`)).stdout, "web2\ndb/1\n");
  const none = await list("@0000:failed");
  assertEquals(none.code, 2);
  assertMatch(none.stderr, /Cannot find the run 0000: there is no record/);
});

Deno.test("a record holds neither masked arguments nor a command with a secret", async () => {
  await using account = await createAccount();
  const modules = join(account.home, "m");
  await Deno.mkdir(modules);
  await Deno.writeTextFile(
    join(modules, "say.py"),
    "def main(**args):\n    return {}\n",
  );
  await account.ftl(["exec", ...LOCAL, "--", "mysql -phunter2"]);
  await account.ftl(
    ["run", "say", "a=1", "password=hunter3", "-M", modules, ...LOCAL],
  );
  const { stdout } = await account.ftl(["runs", "list"]);
  assertMatch(stdout, / say a=1 password='?\*{8}'?\n.* exec -- \*{4}\n$/);
  for (
    const run of await Array.fromAsync(
      Deno.readDir(join(account.home, ".ftl/runs")),
    )
  ) {
    const text = await Deno.readTextFile(
      join(account.home, ".ftl/runs", run.name),
    );
    assert(!text.includes("hunter"), text);
  }
});

Deno.test("a record tells a push from a fetch", async () => {
  await using account = await createAccount();
  const src = join(account.home, "f");
  await Deno.writeTextFile(src, "hello");
  const there = join(account.home, "there");
  await account.ftl(["push", src, there, "-c", "local", "-i", "web1,"]);
  await account.ftl(["fetch", there, account.home, "-c", "local", "-i", "w,"]);
  const list = await account.ftl(["runs", "list"]);
  assertMatch(list.stdout, / 1 changed +fetch .*\n.* 1 changed +push .*\n$/);
  const show = await account.ftl(["runs", "show"]);
  assertMatch(show.stdout, /: fetch \S+there \S+\n.*\n {2}1 changed: w\n/);
});

Deno.test("--record keeps results, which runs show prints in any format", async () => {
  await using account = await createAccount();
  await account.ftl(["exec", ...LOCAL, "--record", "--", "echo hello"]);
  const text = await account.ftl(["runs", "show"]);
  assertMatch(
    text.stdout,
    /: exec -- echo hello\non all.*\n.*\(3\): ok, rc 0\n {2}hello\n/,
  );
  const json = await account.ftl(["runs", "show", "--format", "json"]);
  const { results } = JSON.parse(json.stdout);
  assertEquals(results.web1.result.stdout, "hello\n");
});

Deno.test("--no-record keeps nothing", async () => {
  await using account = await createAccount();
  await account.ftl(["exec", ...LOCAL, "--no-record", "--", "true"]);
  const list = await account.ftl(["runs", "list"]);
  assertEquals(list.stdout, "No runs are recorded\n");
  const last = await account.ftl(
    ["exec", ...LOCAL, "-l", "@last", "--", "true"],
  );
  assertMatch(last.stderr, /by @last: no run is recorded/);
});

Deno.test("--output writes a file for each host, which only its owner can read", async () => {
  await using account = await createAccount();
  const folder = join(account.home, "results");
  await account.ftl(["exec", ...LOCAL, "--output", folder, "--", "echo hi"]);
  const names = await Array.fromAsync(Deno.readDir(folder), (e) => e.name);
  assertEquals(names.sort(), ["db%2F1.json", "web1.json", "web2.json"]);
  const path = join(folder, "web1.json");
  const entry = JSON.parse(await Deno.readTextFile(path));
  assertEquals([entry.host, entry.result.stdout], ["web1", "hi\n"]);
  assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
});

Deno.test("an unwritable --output folder is an error before any host is contacted", async () => {
  await using account = await createAccount();
  const { code, stderr } = await account.ftl(
    ["exec", ...LOCAL, "--output", "/dev/null/x", "--", "true"],
  );
  assertEquals(code, 2);
  assertMatch(stderr, /^ftl: Cannot write results to \/dev\/null\/x: /);
});

Deno.test("a record masks what a host has masked, arguments included", async () => {
  await using account = await createAccount();
  const modules = join(account.home, "modules");
  await Deno.mkdir(modules);
  await Deno.writeTextFile(
    join(modules, "hides.py"),
    `def main(token):
    shown = {"token": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}
    return {"invocation": {"module_args": shown}, "msg": "got " + token}
`,
  );
  const args = ["-M", modules, "--record", "hides", "token=topsecret"];
  const run = await account.ftl(["run", ...LOCAL, ...args]);
  assertEquals(run.code, 0, run.stderr);
  const folder = join(account.home, ".ftl", "runs");
  for await (const { name } of Deno.readDir(folder)) {
    const text = await Deno.readTextFile(join(folder, name));
    assert(!text.includes("topsecret"), `${name}: ${text}`);
    if (name.endsWith(".ndjson")) assertMatch(text, /^{"event":"run_start"/);
  }
});
