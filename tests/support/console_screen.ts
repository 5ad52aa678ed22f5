// A console on two hosts that are this machine, in a shell on a screen.
import { type Account, createAccount, mainCommand } from "./ftl.ts";
import { Screen, tmuxNeed } from "./tmux.ts";

/** Opens a shell that has started a console. */
export async function open(
  account: Account,
  more: readonly string[] = [],
  { terminal = "screen", rows, variables = {} }: {
    terminal?: string;
    rows?: number;
    variables?: Readonly<Record<string, string>>;
  } = {},
): Promise<Screen> {
  const { command, env } = mainCommand(account.home);
  const hosts = ["-c", "local", "-i", "a1,a2,"];
  const line = [...command, "console", ...hosts, ...more].join(" ");
  const screen = await Screen.open({
    command: ["sh", "-i"],
    env: { ...env, TERM: "screen", ...variables },
    ...(rows !== undefined && { rows }),
  });
  try {
    await screen.see(/^[#$]$/m);
    await screen.type("PS1='$ '");
    await screen.see(/^\$$/m);
    // tmux sets TERM itself, so the command sets another value.
    await screen.type(`TERM=${terminal} ${line}; echo "[ended $?]"`);
    const isPlain = more.length > 0 || terminal === "dumb";
    // Plain output is never changed.
    await screen.see(isPlain ? /^all \d\/2>$/m : /^all 2\/2>$/m);
    return screen;
  } catch (error) {
    await screen[Symbol.asyncDispose]();
    throw error;
  }
}

/** A test that needs tmux, and an account of its own. */
export function inTerminal(
  name: string,
  test: (account: Account) => Promise<void>,
) {
  Deno.test({
    name: `${name}${tmuxNeed.suffix}`,
    ignore: tmuxNeed.ignore,
    fn: async () => {
      await using account = await createAccount();
      await test(account);
    },
  });
}
