// Hosts in batches, and what becomes of those that are not begun.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { createAccount } from "../support/ftl.ts";

const HOSTS = ["-c", "local", "-i", "web[1:4],"];

Deno.test("exec, push and fetch begin no other hosts once a batch has failed", async () => {
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
        "  call: The call was not begun: all 2 hosts before it have failed\n",
    );
  }
});

Deno.test("--max-fail says how many hosts may fail", async () => {
  await using account = await createAccount();
  const words = ["exec", ...HOSTS, "--serial", "1", "--max-fail", "50%"];
  const { code, stdout } = await account.ftl([...words, "--", "exit 1"]);
  assertEquals(code, 1);
  assertStringIncludes(
    stdout,
    "The call was not begun: 3 of 4 hosts have failed, and 50% may",
  );
  const wrong = await account.ftl([...words, "--serial", "0", "--", "true"]);
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, "It is not a number above 0");
});
