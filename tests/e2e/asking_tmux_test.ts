// Questions in a real terminal: secrets stay invisible, nothing is drawn over the
// questions, and the terminal is restored.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { createAccount, programCommand } from "../support/ftl.ts";
import { Screen, tmuxNeed } from "../support/tmux.ts";

const PROGRAM = fromFileUrl(
  new URL("../fixtures/asking/two_questions.ts", import.meta.url),
);

/** Opens a shell that has started the program. */
async function start(home: string): Promise<Screen> {
  const { command, env } = programCommand(PROGRAM, home);
  const screen = await Screen.open({
    command: ["sh", "-i"],
    env: { ...env, TERM: "screen", PS1: "$ " },
  });
  await screen.see(/^[#$]$/m);
  await screen.type(
    `${command.join(" ")}; echo "[ended $?]"; ` +
      "stty -a | grep -ow -e '-echo' -e echo -e '-icanon' -e icanon | xargs",
  );
  await screen.see(/^Password:$/m);
  return screen;
}

function inTerminal(name: string, test: (screen: Screen) => Promise<void>) {
  Deno.test({
    name: `${name}${tmuxNeed.suffix}`,
    ignore: tmuxNeed.ignore,
    fn: async () => {
      await using account = await createAccount();
      await using screen = await start(account.home);
      await test(screen);
    },
  });
}

inTerminal(
  "two questions at once are asked in turn, and nothing is drawn meanwhile",
  async (screen) => {
    await screen.type("hunter2");
    assert(!(await screen.see(/^Code for web1:$/m)).includes("hunter2"));
    await screen.keys("12x", "BSpace", "3");
    assertEquals(
      (await screen.see("Code for web1: 123")).match(/\[###/g),
      null,
    );
    await screen.keys("Enter");
    const text = await screen.see(/^echo icanon$|icanon echo$/m);
    assertStringIncludes(text, '["hunter2","123"]');
    assertStringIncludes(text, "[ended 0]");
  },
);

inTerminal("^C at a question restores the terminal", async (screen) => {
  await screen.keys("hun", "C-c");
  const text = await screen.see(/^echo icanon$|icanon echo$/m);
  assertStringIncludes(text, "ended: ^C; undefined\n[ended 130]");
  assert(!text.includes("hun"));
});

inTerminal("^Z at a question stops ftl, and fg asks again", async (screen) => {
  await screen.keys("hun", "C-z");
  await screen.see(/Stopped/);
  await screen.type("fg");
  await screen.see(/Stopped[^]*\n.*two_questions\.ts[^]*\nPassword:$/);
  await screen.type("ter2");
  await screen.see(/^Code for web1:$/m);
  await screen.type("1");
  const text = await screen.see('["ter2","1"]');
  assert(!text.includes("hun"));
});

Deno.test("without a terminal, a question fails with a hint", async () => {
  await using account = await createAccount();
  const { command, env } = programCommand(PROGRAM, account.home);
  const { stderr } = await new Deno.Command("setsid", {
    args: ["-w", ...command],
    clearEnv: true,
    env,
    stdin: "null",
  }).output();
  assertStringIncludes(
    new TextDecoder().decode(stderr),
    'ended: Cannot ask "Password": there is no terminal; Use --password-file',
  );
});
