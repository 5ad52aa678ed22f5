// Hosts in batches, and the hosts that are not started.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { createAccount } from "../support/ftl.ts";
import { sshdNeed, startOpensshFleet } from "../support/openssh_fleet.ts";

const HOSTS = ["-c", "local", "-i", "web[1:4],"];

Deno.test("exec, push and fetch start no other hosts after a batch has failed", async () => {
  await using account = await createAccount();
  const commands = [
    ["exec", ...HOSTS, "--serial", "2", "--", "exit 1"],
    ["push", ...HOSTS, "--serial", "50%", "/etc/hostname", "/none/at/all/x"],
    ["fetch", ...HOSTS, "--serial", "2", "/none/at/all", account.home],
  ];
  for (const words of commands) {
    const { code, stdout } = await account.ftl(words);
    assertEquals(code, 1, stdout);
    assertStringIncludes(
      stdout,
      "web[3-4] (2): cancelled\n" +
        "  call: The call was not started: all 2 hosts before it have failed\n",
    );
  }
});

Deno.test({
  name:
    `push and fetch start no more hosts than --max-fail allows${sshdNeed.suffix}`,
  ignore: sshdNeed.ignore,
  fn: async () => {
    await using account = await createAccount();
    await Deno.writeTextFile(join(account.home, "f"), "new");
    const fleet = await startOpensshFleet({ hosts: 5 });
    try {
      // A file in place of the folder makes both fail.
      for (const { name, home } of fleet.hosts) {
        if (/[24]$/.test(name)) await Deno.writeTextFile(join(home, "d"), "");
        else await Deno.mkdir(join(home, "d"));
      }
      for (
        const words of [
          ["push", join(account.home, "f"), "~/d/f"],
          ["fetch", "~/d/f", join(account.home, "out")],
        ]
      ) {
        for (
          const [most, expected] of [
            ["1", ["changed", "failed", "changed", "failed", "cancelled"]],
            ["40%", ["ok", "failed", "ok", "failed", "changed"]],
          ] as const
        ) {
          const { stdout } = await account.ftl([
            ...[...words, "--serial", "1", "--max-fail", most],
            ...["--format", "json", ...fleet.flags],
          ]);
          const { results } = JSON.parse(stdout);
          const statuses = fleet.hosts.map(({ name }) => results[name].status);
          assertEquals(statuses, [...expected], stdout);
        }
      }
    } finally {
      await fleet.stop();
    }
  },
});

Deno.test("--max-fail limits how many hosts may fail", async () => {
  await using account = await createAccount();
  const words = ["exec", ...HOSTS, "--serial", "1", "--max-fail", "50%"];
  const { code, stdout } = await account.ftl([...words, "--", "exit 1"]);
  assertEquals(code, 1);
  assertStringIncludes(
    stdout,
    "The call was not started: 3 of 4 hosts have failed, more than 50%",
  );
  const wrong = await account.ftl([...words, "--serial", "0", "--", "true"]);
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, "it is not a number above 0");
});
