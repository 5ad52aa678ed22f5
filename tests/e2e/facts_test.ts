// Facts for one run and for a session: in arguments, and in patterns that choose
// hosts.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { needAnsible } from "../support/ansible.ts";
import { type Account, createAccount } from "../support/ftl.ts";

const { ignore, suffix } = needAnsible();

/** Reports a fact that differs from host to host, and how often it ran. */
const SETUP = `import json, os
def main(**args):
    name = os.environ["FTL_TEST_HOST"]
    with open(os.path.join(os.environ["FTL_TEST_RUNS"], name), "a") as file:
        file.write("x")
    if name == "broken":
        raise OSError("no facts here")
    return {"ansible_facts": {"ansible_kind": name.rstrip("0123456789"),
                              "ansible_motd": "{{ 6 * 7 }}"}}
`;

interface World {
  readonly account: Account;
  readonly flags: readonly string[];
  /** How often the facts of a host were gathered. */
  runs(host: string): Promise<number>;
}

async function inWorld(body: (world: World) => Promise<void>): Promise<void> {
  await using account = await createAccount();
  const { home } = account;
  const modules = join(home, "modules");
  const runs = join(home, "runs");
  await Deno.mkdir(modules);
  await Deno.mkdir(runs);
  await Deno.writeTextFile(join(modules, "setup.py"), SETUP);
  await Deno.writeTextFile(
    join(modules, "echo.py"),
    "def main(**args): return {'args': args}\n",
  );
  const hosts = ["red1", "red2", "blue1", "broken"];
  for (const host of hosts) {
    const python = `#!/bin/sh\nexport FTL_TEST_HOST=${host} ` +
      `FTL_TEST_RUNS=${runs}\nexec python3 "$@"\n`;
    await Deno.writeTextFile(join(home, host), python, { mode: 0o755 });
  }
  const lines = hosts.map((host) =>
    `    ${host}: {ansible_connection: local, dc: ${host.at(-1)}, ` +
    `ansible_python_interpreter: ${join(home, host)}}\n`
  );
  const dead = "    dead: {ansible_host: 127.0.0.1, ansible_port: 1}\n";
  const inventory = join(home, "hosts.yml");
  await Deno.writeTextFile(
    inventory,
    `all:\n  hosts:\n${lines.join("")}${dead}`,
  );
  await body({
    account,
    flags: ["-i", inventory, "-M", modules],
    runs: async (host) =>
      (await Deno.readTextFile(join(runs, host)).catch(() => "")).length,
  });
}

function factsTest(name: string, body: (world: World) => Promise<void>): void {
  Deno.test({ name: name + suffix, ignore, fn: () => inWorld(body) });
}

factsTest(
  "--facts gathers once per host, and patterns choose by them",
  async ({ account, flags, runs }) => {
    const pattern = ["-l", 'red*,blue1:&{ansible_facts.kind == "red"}'];
    const without = await account.ftl(["run", "echo", ...flags, ...pattern]);
    assertEquals(without.code, 2);
    assertStringIncludes(
      without.stderr,
      "the facts of red1, red2, blue1 were not",
    );
    assertStringIncludes(without.stderr, "Gather them with ftl run --facts");
    assertEquals(await runs("red1"), 0);
    const chosen = await account.ftl([
      ...["run", "echo", ...flags, ...pattern, "--facts", "--format", "json"],
    ]);
    const { results } = JSON.parse(chosen.stdout);
    assertEquals(Object.keys(results).sort(), ["red1", "red2"]);
    for (const host of ["red1", "red2", "blue1"]) {
      assertEquals(
        await runs(host),
        1,
      );
    }
    assertEquals(await runs("broken"), 0);
    const listed = await account.ftl([
      ...["run", "echo", ...flags, "--facts", "--list-hosts"],
      ...["-l", 'red*,blue1:!{ansible_kind == "red"}'],
    ]);
    assertEquals(listed.stdout, "blue1\n");
  },
);

factsTest(
  "facts are in reach of arguments, and are never templates",
  async ({ account, flags }) => {
    const ran = await account.ftl([
      ...["run", "debug", "var=ansible_facts.motd", "-l", "red1", ...flags],
      ...["--facts", "--format", "json"],
    ]);
    const { red1 } = JSON.parse(ran.stdout).results;
    assertEquals(red1.result, { "ansible_facts.motd": "{{ 6 * 7 }}" });
  },
);

factsTest(
  "a host without facts is named, left out, and counts in the exit status",
  async ({ account, flags }) => {
    const pattern = ["-l", '{ansible_facts.kind == "red"}'];
    const { code, stdout, stderr } = await account.ftl([
      ...["run", "echo", ...flags, ...pattern, "--facts", "--format", "json"],
    ]);
    assertEquals(Object.keys(JSON.parse(stdout).results).sort(), [
      "red1",
      "red2",
    ]);
    assertStringIncludes(
      stderr,
      "broken: left out, because its facts are not known: OSError: no facts here",
    );
    assertStringIncludes(
      stderr,
      "dead: left out, because its facts are not known: Cannot reach dead",
    );
    assertEquals(code, 1);
    const all = await account.ftl([
      ...["run", "echo", ...flags, "--facts", "--format", "json"],
    ]);
    const { results, summary } = JSON.parse(all.stdout);
    assertEquals([summary.ok, summary.failed, summary.unreachable], [3, 1, 1]);
    assertEquals(
      results.broken.error.message,
      "Cannot gather facts: OSError: no facts here",
    );
  },
);

factsTest(
  "a session has the facts of its calls of setup",
  async ({ account, flags, runs }) => {
    const lines = [
      ":use {dc == 1}",
      "setup",
      ':use {dc == 1}:&{ansible_facts.kind == "blue"}',
      "echo a=b",
      ":use all:&{ansible_kind == 'blue'}",
    ];
    const { stdout, stderr } = await account.ftl(
      ["console", ...flags, "--format", "ndjson"],
      lines.join("\n"),
    );
    const events = stdout.trim().split("\n").map((line) => JSON.parse(line));
    const starts = events.filter(({ event }) => event === "run_start");
    assertEquals(starts.map(({ hosts }) => hosts), [["red1", "blue1"], [
      "blue1",
    ]]);
    assertStringIncludes(
      stderr,
      "the facts of red2, broken, dead were not gathered",
    );
    assertEquals(await runs("red1"), 1);
  },
);
