// Long help goes through a pager on a terminal.

import { createAccount, mainCommand } from "../support/ftl.ts";
import { needProgram } from "../support/need.ts";
import { Screen, tmuxNeed } from "../support/tmux.ts";

const less = needProgram("less");

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
    await screen.see(/^(?::|.*lines \d.*)$/m); // less waits for a key
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
