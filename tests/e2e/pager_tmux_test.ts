// Long text goes through a pager on a terminal.
import { join } from "@std/path";
import { open } from "../support/console_screen.ts";
import { type Account, createAccount, mainCommand } from "../support/ftl.ts";
import { needProgram } from "../support/need.ts";
import { Screen, tmuxNeed } from "../support/tmux.ts";

const less = needProgram("less");

/** Asks a new console for its help. */
async function seeHelp(
  account: Account,
  { PAGER, seen }: { PAGER: string; seen: RegExp },
): Promise<void> {
  await using screen = await open(account, [], {
    rows: 24,
    variables: { PAGER },
  });
  await screen.type(":help");
  await screen.see(seen);
}

Deno.test({
  name:
    `long help goes through less on a terminal${tmuxNeed.suffix}${less.suffix}`,
  ignore: tmuxNeed.ignore || less.ignore,
  async fn() {
    await using account = await createAccount();
    const { command, env } = mainCommand(account.home);
    await using screen = await Screen.open({
      command: ["/bin/sh"],
      env: { ...env, FTL: command.join(" ") },
      rows: 24,
      columns: 80,
    });
    await screen.see(/^[#$]$/m);
    await screen.type("$FTL run --help");
    await screen.see(/^Usage: ftl run/m);
    await screen.see(/^-- q goes back, h helps --$/m);
    await screen.keys("q");
    await screen.see(/^[#$]$/m);
    await screen.type("PAGER='sed s/^/PAGED:/' $FTL run --help | head -1");
    await screen.see(/^Usage: ftl run/m); // not a terminal: no pager
    await screen.type(
      "clear; PAGER='tail -n 1 | sed s/^/PAGED:/' $FTL run --help",
    );
    await screen.see(/^PAGED:/m);
    await screen.type("clear; $FTL run --help --plain; echo END$((1+1))");
    await screen.see(/^END2$/m);
  },
});

Deno.test({
  name:
    `long text of the console goes through a pager, and q goes back${tmuxNeed.suffix}${less.suffix}`,
  ignore: tmuxNeed.ignore || less.ignore,
  async fn() {
    await using account = await createAccount();
    await using screen = await open(account, [], { rows: 24 });
    await screen.type(":help");
    await screen.see(/^ {2}!COMMAND/m);
    await screen.see(/^-- q goes back, h helps --$/m);
    await screen.keys("C-c"); // it is for the pager
    await screen.keys("G");
    await screen.see(/^-- q goes back, h helps -- \(end\)$/m);
    await screen.keys("q");
    await screen.see(/^all 2\/2>$/m);
    await screen.type(":help retry");
    await screen.see(/^ {2}open the gates that were lost .*\nall 2\/2>$/m);
    // A file does not wait for a user who reads.
    const file = join(account.home, "lines");
    await Deno.writeTextFile(file, ":help\n!echo after\n");
    await screen.type(`:source ${file}`);
    await screen.see(/ok, rc 0\n +after\n/);
    await screen.type(":quit");
    await screen.see(/\[ended 0\]/);
  },
});

Deno.test({
  name: `the console uses PAGER, and none with PAGER=cat${tmuxNeed.suffix}`,
  ignore: tmuxNeed.ignore,
  async fn() {
    await using account = await createAccount();
    const whole = /^Patterns: .*\nall 2\/2>$/m;
    for (
      const [PAGER, seen] of [
        ["tail -n 1 | sed s/^/PAGED:/", /^PAGED:Patterns: .*\nall 2\/2>$/m],
        ["cat", whole],
        ["no-such-pager", whole],
        ["false", whole],
        ["sed --no-such-option", whole],
      ] as const
    ) {
      await seeHelp(account, { PAGER, seen });
    }
  },
});

Deno.test({
  name:
    `what a pager says is seen, and one that a signal ended is not followed by the text${tmuxNeed.suffix}`,
  ignore: tmuxNeed.ignore,
  async fn() {
    await using account = await createAccount();
    for (
      const [PAGER, seen] of [
        [
          "cat >/dev/null; echo Told >&2",
          /^all 2\/2> :help\nTold\nall 2\/2>$/m,
        ],
        ["cat >/dev/null; kill -INT $$", /^all 2\/2> :help\nall 2\/2>$/m],
        ["kill -TERM $$", /^all 2\/2> :help\nall 2\/2>$/m],
        // It has read the text.
        ["sed s/^/PAGED:/ | tail -n 1; exit 2", /^PAGED:.*\nall 2\/2>$/m],
      ] as const
    ) {
      await seeHelp(account, { PAGER, seen });
    }
  },
});
