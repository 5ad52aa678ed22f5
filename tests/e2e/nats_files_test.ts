// Files over NATS, and the console, as users see them.
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { type Account, createAccount, parseLines } from "../support/ftl.ts";
import { pinWorker, testNats as test } from "../support/nats_accounts.ts";

test(
  "files are pushed and fetched through a worker",
  { hosts: 2 },
  async (lab) => {
    const { sender, hosts, on } = lab;
    const [src, dest] = [join(hosts.folder, "src"), join(hosts.folder, "dest")];
    await Deno.writeTextFile(src, "content\n");
    const push = ["push", src, dest, ...on.slice(0, 2), "-l", "h0"];
    const refused = await sender.ftl(push);
    assertEquals(refused.code, 2);
    assertStringIncludes(refused.stderr, "no worker's key is pinned");
    await pinWorker(lab);
    await lab.start("--name", "w1");
    const pushed = await sender.ftl(push);
    assertEquals([pushed.code, pushed.stderr], [0, ""]);
    assertEquals(await Deno.readTextFile(dest), "content\n");
    const back = join(sender.home, "back");
    const fetched = await sender.ftl([
      ...["fetch", dest, back, ...on.slice(0, 2)],
    ]);
    assertEquals([fetched.code, fetched.stderr], [0, ""]);
    for (const host of ["h0", "h1"]) {
      const text = await Deno.readTextFile(join(back, host, "dest"));
      assertEquals(text, "content\n");
    }
  },
);

test(
  "a fetch that is checked says the same through a worker as without one",
  { hosts: 1 },
  async (lab) => {
    const { sender, hosts, on } = lab;
    await pinWorker(lab);
    await lab.start("--name", "w1");
    await using direct = await createAccount();
    const src = join(hosts.folder, "src");
    await Deno.mkdir(join(src, "sub"), { recursive: true });
    await Deno.writeTextFile(join(src, "sub/a"), "1\n");
    await Deno.writeTextFile(join(src, "b"), "2\n");
    await Deno.symlink("b", join(src, "link"));
    const known = ["--known-hosts", hosts.knownHosts];
    const fetch = async (account: Account, ...more: string[]) => {
      const { stdout } = await account.ftl([
        ...["fetch", src, join(account.home, "back"), ...on.slice(0, 2)],
        ...["-v", "--format", "json", ...account === direct ? known : []],
        ...more,
      ]);
      const { changed, error, result } = JSON.parse(stdout).results.h0;
      const { received, ...told } = result ?? {};
      const text = JSON.stringify({ changed, error, result: told });
      return {
        received,
        told: JSON.parse(text.replaceAll(account.home, "HOME")),
      };
    };
    const check = async () => {
      const { received, told } = await fetch(sender, "--check");
      assertEquals(told, (await fetch(direct, "--check")).told);
      assertEquals(received, undefined);
      return told;
    };
    const first = await check();
    assertEquals(first.result.would_write, ["src/b", "src/sub/a"]);
    await assertRejects(() => Deno.stat(join(sender.home, "back")));
    for (const account of [sender, direct]) await fetch(account);
    assertEquals((await check()).changed, false);
    await Deno.writeTextFile(join(src, "b"), "3\n");
    assertEquals((await check()).result.would_write, ["src/b"]);
    for (const { home } of [sender, direct]) {
      const path = join(home, "back/h0/src/b");
      assertEquals(await Deno.readTextFile(path), "2\n");
      await Deno.remove(path);
      await Deno.mkdir(path);
    }
    assertStringIncludes((await check()).error.message, "a folder is there");
  },
);

/** The files that a process has open, as Linux names them. */
async function openFiles(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    names.push(await Deno.readLink(join(folder, name)).catch(() => ""));
  }
  return names;
}

test("nothing is left of files at a worker that is killed", {
  hosts: 1,
}, async (lab) => {
  const { sender, hosts, on } = lab;
  await pinWorker(lab);
  const wait = await hosts.hold();
  const script = join(hosts.folder, "script");
  const text = `#!/bin/sh\necho begin h0 >>${hosts.journal}\n` +
    `while [ -e ${wait} ];do sleep 0.05;done\n`;
  // More than a worker keeps in memory.
  await Deno.writeTextFile(script, text + "#".repeat(3_000_000));
  const started = await lab.start("--name", "w1");
  const running = sender.start([
    ...["exec", ...on.slice(0, 2), "--format", "ndjson", "--script", script],
  ]);
  await hosts.untilLines("begin", 1);
  const names = await openFiles(started.pid);
  const kept = names.filter((name) => name.includes("/ftl-worker-"));
  assertEquals(kept.map((name) => name.endsWith(" (deleted)")), [true]);
  started.kill("SIGKILL");
  await started.status;
  const path = kept[0]!.replace(" (deleted)", "");
  await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
  running.kill("SIGINT");
  const { stdout } = await running.output();
  const { summary } = parseLines(new TextDecoder().decode(stdout)).at(-1);
  assertEquals(summary.cancelled + summary.unreachable, 1);
  await Deno.remove(wait);
});

test(
  "the console makes its calls through workers",
  { hosts: 2 },
  async (lab) => {
    const { sender, hosts, on } = lab;
    await pinWorker(lab);
    await lab.start("--name", "w1");
    const src = join(hosts.folder, "src");
    await Deno.writeTextFile(src, "content\n");
    const lines = [
      "echo name={{ inventory_hostname }}",
      "!echo shell-$((1 + 1))",
      `:push ${src} ${hosts.folder}/dest`,
      `:fetch ${hosts.folder}/dest ${sender.home}/back`,
      ":open",
      "pause seconds=1",
      ":hosts",
    ];
    const { code, stdout, stderr } = await sender.ftl([
      ...["console", ...on, "--keep-going"],
    ], lines.join("\n"));
    assertEquals(code, 2); // of the line that is refused
    for (const text of ["name: h1", "shell-2", "Workers open the gates"]) {
      assertStringIncludes(stdout, text);
    }
    assertStringIncludes(stderr, "Cannot run module pause over NATS");
    const back = await Deno.readTextFile(join(sender.home, "back/h0/dest"));
    assertEquals(back, "content\n");
    assert(!stderr.includes("FTL_NATS is not used"));
  },
);

test("^C in a call of the console ends the call on its hosts", {
  hosts: 1,
}, async (lab) => {
  const { sender, hosts, on } = lab;
  await lab.start("--name", "w1");
  const wait = await hosts.hold();
  const script = join(sender.home, "lines");
  const line = `note journal=${hosts.journal} host=h0 wait=${wait}`;
  await Deno.writeTextFile(script, `${line}\n`);
  const running = sender.start(["console", ...on, "--script", script]);
  await hosts.untilLines("begin", 1);
  running.kill("SIGINT");
  assertEquals((await running.output()).code, 130);
  await Deno.remove(wait);
  assertEquals(await hosts.lines(), ["begin h0"]);
});
