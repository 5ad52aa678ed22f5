// What a run shows in a terminal while it is in progress.
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { createAccount, mainCommand } from "../support/ftl.ts";
import { Screen, tmuxNeed } from "../support/tmux.ts";

/** The first host sleeps, the others are quick. */
const ONE_SLEEPS = "mkdir $FTL_TEST_LOCK 2>&- && exec sleep 1000 || echo quick";

Deno.test({
  name:
    `a run in a terminal shows pending hosts, and results when it makes no progress${tmuxNeed.suffix}`,
  ignore: tmuxNeed.ignore,
  fn: async () => {
    await using account = await createAccount();
    const { command, env } = mainCommand(account.home);
    const args = ["exec", "-c", "local", "-i", "a1,a2,a3,", "--", ONE_SLEEPS];
    await using screen = await Screen.open({
      command: [...command, ...args],
      env: { ...env, FTL_TEST_LOCK: join(account.home, "lock") },
    });
    // The bar with counts and, after a while, the names of those pending.
    await screen.see(/^\[#{13}\.{7}\] 2\/3 .* 2 ok {2}waiting for a[1-3]$/m);
    await screen.keys("Enter");
    await screen.see(/^1 of 3 hosts pending after .*\n.*\(1\): a[1-3]$/m);
    // After two seconds without events, the results so far are shown.
    await screen.see(/^a\[[1-3,-]+\] \(2\): ok, rc 0\n +quick$/m);
    await screen.keys("C-c");
    const text = await screen.see("[ended 130]");
    assertMatch(text, /^a[1-3]: cancelled$/m);
    assertMatch(text, /^3 hosts: 2 ok, 1 cancelled in /m);
    assertEquals(text.match(/quick/g)?.length, 1);
  },
});

Deno.test("SIGUSR2 makes a run without a terminal list its pending hosts", async () => {
  await using account = await createAccount();
  await using run = account.start([
    "exec",
    "--stream",
    "-c",
    "local",
    "-i",
    "a1,a2,",
    "--",
    "echo begun; sleep 1000",
  ]);
  const stdout = run.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const stderr = run.stderr.pipeThrough(new TextDecoderStream()).getReader();
  assertMatch((await stdout.read()).value ?? "", /^a[12] \| begun$/m);
  run.kill("SIGUSR2");
  assertMatch((await stderr.read()).value ?? "", /2 of 2 hosts pending after/);
  run.kill("SIGINT");
  assertEquals((await run.status).code, 130);
  await stdout.cancel();
  await stderr.cancel();
});
