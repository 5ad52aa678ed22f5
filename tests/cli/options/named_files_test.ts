import { assertMatch } from "@std/assert";
import { createAccount } from "../../support/ftl.ts";

Deno.test("an @ without a name is refused in every place that takes @FILE", async () => {
  await using account = await createAccount();
  const to = ["-i", "web1,"];
  for (
    const args of [
      ["exec", ...to, "-l", "@", "--", "true"],
      ["exec", ...to, "-e", "@", "--", "true"],
      ["run", "ping", "@", ...to],
      ["run", "ping", "data:secret=@", ...to],
      ["run", "ping", "-a", "@", ...to],
    ]
  ) {
    const { stderr } = await account.ftl(args);
    assertMatch(stderr, /Cannot read a file: no name follows the @\n/);
  }
});
