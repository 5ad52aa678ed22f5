// Keys and signals that the console must handle, on hosts that are this machine.
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { inTerminal, open } from "../support/console_screen.ts";
import { eventually, mainCommand } from "../support/ftl.ts";
import { Screen } from "../support/tmux.ts";

inTerminal(
  "^C clears the line, and never exits the console",
  async (account) => {
    await using screen = await open(account);
    await screen.keys("nonsense", "C-c", "C-c", "C-c");
    await screen.see(/\^C\nTo exit, press \^D or type :quit\n[^]*all 2\/2>$/m);
    await screen.type("!echo still here");
    await screen.see(/ok, rc 0\n +still here\n/);
  },
);

inTerminal("^C clears all of a continued line", async (account) => {
  await using screen = await open(account);
  await screen.type("!echo 'one");
  await screen.see(/^ +>$/m);
  await screen.keys("two", "C-c");
  await screen.type("!echo three");
  const text = await screen.see(/ok, rc 0\n +three\n/);
  assertEquals(text.match(/ok, rc 0/g)?.length, 1);
});

inTerminal(
  "text typed while a call runs is the next line",
  async (account) => {
    await using screen = await open(account);
    const path = join(account.home, "go");
    await screen.type(`!until test -e ${path}; do sleep 0.1; done`);
    await screen.keys("!echo next", "Enter");
    await Deno.writeTextFile(path, "");
    await screen.see(/> !echo next\n.* ok, rc 0\n +next\n/);
  },
);

inTerminal(
  "^Z stops the console, and fg continues with the line",
  async (account) => {
    await using screen = await open(account);
    await screen.keys("!echo ", "C-z");
    await screen.see(/^\$$/m);
    await screen.type("fg");
    await screen.see(/^all 2\/2> !echo$/m);
    await screen.type("back");
    await screen.see(/ok, rc 0\n +back\n/);
  },
);

inTerminal("^Z also stops a call, and fg continues it", async (account) => {
  await using screen = await open(account);
  const path = join(account.home, "go");
  await screen.type(`!until test -e ${path}; do sleep 0.1; done; echo gone`);
  await screen.see(/0\/2 {2}\d/);
  await screen.keys("C-z");
  await screen.see(/^\$$/m);
  await Deno.writeTextFile(path, "");
  await screen.type("fg");
  await screen.see(/ok, rc 0\n +gone\n/);
});

inTerminal(
  "^Z has no effect where no shell could continue the console",
  async (account) => {
    const { command, env } = mainCommand(account.home);
    await using screen = await Screen.open({
      command: [...command, "console", "-c", "local", "-i", "a1,a2,"],
      env,
    });
    await screen.see(/^all 2\/2>$/m);
    await screen.keys("!echo ", "C-z", "C-z", "here", "Enter");
    await screen.see(/^all 2\/2> !echo here\n.* ok, rc 0\n +here\n/m);
  },
);

inTerminal(
  "a history that cannot be written does not end the session",
  async (account) => {
    await Deno.mkdir(join(account.home, ".ftl"), { mode: 0o700 });
    await Deno.mkdir(join(account.home, ".ftl/history"));
    await using screen = await open(account);
    await screen.see("ftl: Cannot keep the history in");
    await screen.type("!echo here");
    await screen.see(/ok, rc 0\n +here\n/);
  },
);

inTerminal(
  "TERM ends the console, and the terminal is restored",
  async (account) => {
    await using screen = await open(account);
    Deno.kill(await findConsole(account.home), "SIGTERM");
    await screen.see("[ended 130]");
    await screen.type("stty -a | grep -o ' icanon'; echo done");
    await screen.see(/^ icanon\ndone$/m);
  },
);

/** Finds the console's process by its HOME. */
async function findConsole(home: string): Promise<number> {
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const env = await Deno.readTextFile(`/proc/${name}/environ`);
      const words = await Deno.readTextFile(`/proc/${name}/cmdline`);
      const isIt = env.split("\0").includes(`HOME=${home}`) &&
        /\/deno\0run\0/.test(words) && words.includes("\0console\0");
      if (isIt) return Number(name);
    } catch {
      // It has ended, or belongs to another user.
    }
  }
  throw new Error("The console's process was not found");
}

inTerminal(
  "an error is reported, and the session continues",
  async (account) => {
    await using screen = await open(account);
    await screen.type("nothing_of_that_name");
    await screen.see(/^ftl: Cannot find module nothing_of_that_name/m);
    await screen.type(":use nobody");
    await screen.see(/^ftl: Cannot choose hosts by nobody: /m);
    await screen.type(":nonsense");
    await screen.see(/^ftl: Unknown command :nonsense/m);
    await screen.keys("C-d");
    await screen.see("[ended 0]");
  },
);

inTerminal("lines can be saved, and :quit exits", async (account) => {
  await using screen = await open(account, ["--plain"]);
  await screen.type(":open");
  await screen.see(/^all \d\/2> :open\nall 2\/2>$/m);
  await screen.type("!echo one");
  await screen.see("2 hosts: 2 ok");
  await screen.type(`:save ${join(account.home, "lines")}`);
  await screen.see("Saved 2 lines to");
  await screen.type(":quit");
  await screen.see("[ended 0]");
  const saved = await Deno.readTextFile(join(account.home, "lines"));
  assertEquals(saved, ":open\n!echo one\n");
});

inTerminal(
  "a dumb terminal gets whole lines, and no control sequences",
  async (account) => {
    await using screen = await open(account, [], { terminal: "dumb" });
    const tap = join(account.home, "tap");
    await screen.tap(tap);
    await screen.type("!echo one");
    await screen.see("2 hosts: 2 ok");
    await screen.keys(":check o", "Tab", "Enter");
    await screen.see(/^on {2}off$/m);
    const begun = join(account.home, "begun");
    await screen.type(`!touch ${begun}; sleep 100`);
    // Enter before the call starts is a line of its own.
    await eventually(
      "the call begins",
      () => Deno.stat(begun).then(() => true, () => false),
    );
    await screen.keys("Enter");
    await screen.see("2 of 2 hosts pending");
    await screen.keys("C-c");
    await screen.see("2 hosts: 2 cancelled");
    await screen.keys("abc", "C-c");
    await screen.see(/\^C\nTo exit, press \^D or type :quit/);
    await screen.type("!echo two");
    await screen.see(/ok, rc 0\n {2}two\n/);
    await screen.keys("C-d");
    await screen.see("[ended 0]");
    const written = await Deno.readTextFile(tap);
    assertEquals(written.includes("\x1b"), false);
  },
);

inTerminal(
  "^C ends a call, and drops pasted lines that wait for it",
  async (account) => {
    await using screen = await open(account);
    const begun = join(account.home, "begun");
    await screen.paste(`!touch ${begun}; sleep 100\n!echo A\n!echo B`);
    await screen.keys("Enter");
    await eventually(
      "the call begins",
      () => Deno.stat(begun).then(() => true, () => false),
    );
    await screen.keys("C-c");
    await screen.see(/2 cancelled[^]*\nDropped 2 lines that were waiting\n/);
    await screen.type("!echo after");
    const text = await screen.see(/ok, rc 0\n +after\n/);
    assertEquals(text.match(/ok, rc 0/g)?.length, 1);
  },
);

inTerminal(
  "^C drops lines that were typed ahead, and keeps what is typed after it",
  async (account) => {
    for (const more of [[], ["--plain"]]) {
      await using screen = await open(account, more);
      const begun = join(account.home, `begun${more.length}`);
      await screen.type(`!touch ${begun}; sleep 100`);
      await eventually(
        "the call begins",
        () => Deno.stat(begun).then(() => true, () => false),
      );
      await screen.keys("!echo A", "Enter", "!echo B", "Enter", "C-c");
      // With --plain ^C is a signal: what is typed until it has arrived is dropped too.
      if (more.length > 0) await screen.see(/2 cancelled/);
      await screen.keys("!echo after", "Enter");
      // With --plain the terminal may have dropped them itself.
      if (more.length === 0) {
        await screen.see(/\nDropped 2 lines that were waiting\n/);
      }
      const text = await screen.see(/ok, rc 0\n +after\n/);
      assertEquals(text.match(/ok, rc 0/g)?.length, 1);
    }
  },
);

inTerminal(
  "each of several pasted lines is shown before its results",
  async (account) => {
    await using screen = await open(account);
    await screen.paste("!echo one\n!echo 'two\nthree'");
    await screen.keys("Enter");
    await screen.see(
      /> !echo one\n.* ok, rc 0\n +one\n.*\nall 2\/2> !echo 'two\n +> three'\n.* ok, rc 0\n +two\n +three\n/,
    );
  },
);
