import { assertEquals, assertRejects } from "@std/assert";
import { mayRunOn } from "../../../src/cli/input/confirmation.ts";
import { UsageError } from "../../../src/cli/process/exit_code.ts";
import { createAccount } from "../../support/ftl.ts";

/** A terminal where this is answered. */
function answering(answer: string) {
  const asked: string[] = [];
  return {
    asked,
    canAsk: true,
    ask: (prompt: string) => {
      asked.push(prompt);
      return Promise.resolve(answer);
    },
  };
}

Deno.test("mayRunOn() asks before a call on more than N hosts", async () => {
  for (const [answer, may] of [["y", true], ["Yes ", true], ["", false]]) {
    const context = answering(answer as string);
    assertEquals(await mayRunOn(812, { confirm: 100 }, context), may);
    assertEquals(context.asked, ["Run on 812 hosts? [y/N] "]);
  }
});

Deno.test("mayRunOn() asks nothing for few hosts, or when it was answered", async () => {
  const context = answering("n");
  assertEquals(await mayRunOn(100, { confirm: 100 }, context), true);
  assertEquals(await mayRunOn(101, { confirm: 100, yes: true }, context), true);
  assertEquals(await mayRunOn(101, {}, context), true);
  assertEquals(context.asked, []);
});

Deno.test("--confirm needs --yes where there is no terminal", async () => {
  await assertRejects(
    () => mayRunOn(2, { confirm: 1 }, { ...answering("y"), canAsk: false }),
    UsageError,
    "Cannot run on 2 hosts: --confirm 1 asks first, and there is no terminal",
  );
  await using account = await createAccount();
  const hosts = ["-c", "local", "-i", "a1,a2,", "--confirm", "1"];
  const said = await account.ftl(["exec", ...hosts, "--yes", "--", "echo hi"]);
  assertEquals(said.code, 0);
});
