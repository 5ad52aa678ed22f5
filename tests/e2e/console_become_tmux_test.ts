// Becoming root in the middle of a session, on hosts whose sudo needs a password.
import { assert, assertEquals } from "@std/assert";
import { becomeNeed, makeBecomeSite, PASSWORD } from "../core/become/site.ts";
import { createAccount, mainCommand } from "../support/ftl.ts";
import { Screen, tmuxNeed } from "../support/tmux.ts";

Deno.test({
  name: `:become asks once for a password that sudo needs, and again if it ` +
    `was wrong${becomeNeed.suffix || tmuxNeed.suffix}`,
  ignore: becomeNeed.ignore || tmuxNeed.ignore,
  fn: async () => {
    await using site = await makeBecomeSite();
    await using account = await createAccount();
    const { command, env } = mainCommand(account.home);
    await using screen = await Screen.open({
      command: [
        ...[...command, "console", "a1,a2", ...site.flagsFor("asks")],
        ...["-i", "a1,a2,", "-e", "ansible_host=127.0.0.1"],
      ],
      env,
    });
    const count = (text: string, what: RegExp) => text.match(what)?.length;
    await screen.see(/^a1,a2 2\/2>$/m);

    await screen.type(":become on");
    await screen.see(/^Become password:$/m);
    await screen.keys("C-c");
    await screen.see(/a\[1-2\] failed to open: .* sudo asks for a password\n/);
    await screen.type("!id -un");
    let text = await screen.see(/2 hosts: 2 unreachable/);
    assertEquals(count(text, /^Become password:/gm), 1);

    await screen.type(":become on");
    await screen.see(/^Become password:[^]*\nBecome password:$/m);
    await screen.type("not-the-right-one");
    await screen.see(/sudo refused the password\n[^]*as root>$/);
    await screen.type(":retry");
    await screen.see(/^a\d refused it\. Become password:$/m);
    await screen.type(PASSWORD);
    await screen.see(/a1,a2 2\/2 as root>$/m);
    await screen.type("!id -un");
    text = await screen.see(/a\[1-2\] \(2\): ok, rc 0\n +root\n/);
    assert(!text.includes("not-the-right-one") && !text.includes(PASSWORD));

    await screen.type(":become app");
    await screen.see(/a1,a2 2\/2 as app>$/m);
    text = await screen.text();
    assertEquals(count(text, /Become password:/g), 3);
  },
});
