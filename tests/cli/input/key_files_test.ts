// `--private-key` names files of this machine: one that is missing is an error of
// the command line, not of each host.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { createAccount } from "../../support/ftl.ts";

Deno.test("a key file that does not exist is a usage error that names it", async () => {
  await using account = await createAccount();
  const key = join(account.home, "no-such-key");
  const command = ["exec", "-i", "127.0.0.1,", "--port", "1", "--private-key"];
  const missing = await account.ftl([...command, key, "--", "true"]);
  assertEquals([missing.code, missing.stdout], [2, ""]);
  assertStringIncludes(
    missing.stderr,
    `Cannot use the key ${key}: the file does not exist`,
  );
  // The agent may have the private part.
  await Deno.writeTextFile(`${key}.pub`, "");
  const partial = await account.ftl([...command, key, "--", "true"]);
  assertEquals(partial.code, 3, partial.stderr);
});
