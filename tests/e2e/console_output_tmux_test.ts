// What the console prints and asks in a real terminal: much output, questions
// before many hosts, and the last results.
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { inTerminal, open } from "../support/console_screen.ts";
import { type Account, createAccount, mainCommand } from "../support/ftl.ts";
import { sshdNeed, startOpensshFleet } from "../support/openssh_fleet.ts";
import { Screen, tmuxNeed } from "../support/tmux.ts";

/** A folder with a module that takes long. */
async function makeModules(account: Account): Promise<string> {
  const folder = join(account.home, "modules");
  await Deno.mkdir(folder);
  await Deno.writeTextFile(
    join(folder, "sleeps.py"),
    "import time\n\n\ndef main():\n    time.sleep(100)\n",
  );
  return folder;
}

inTerminal("a terminal gets the end of a large output", async (account) => {
  await using screen = await open(account);
  const tap = join(account.home, "tap");
  await screen.tap(tap);
  await screen.type("!seq 1 30000");
  await screen.see(/ +30000\n2 hosts: 2 ok/);
  const written = await Deno.readTextFile(tap);
  assert(written.includes("… 28000 lines before these (:last)"));
  assert(!written.includes("\n  28000\r"));
  assert(written.includes("\n  28001\r"));
});

inTerminal(
  "^C ends printing, and the session continues",
  async (account) => {
    await using screen = await open(account);
    await screen.type("!seq 1 1500000");
    await screen.see(/ +1500000\n2 hosts: 2 ok/);
    await screen.type(":last");
    await screen.see(/^ {2}10\d{5}$/m);
    await screen.keys("C-c");
    await screen.see(/2 hosts: 2 ok.*\n(?:.*\n)*all 2\/2>$/);
    await screen.type("!echo after");
    await screen.see(/ok, rc 0\n +after\n/);
    await screen.type(":last stdout");
    await screen.see(/^a\[1-2\] \(2\): after$/m);
  },
);

inTerminal(
  "a call on more hosts than :confirm allows is asked about",
  async (account) => {
    await using screen = await open(account);
    await screen.type(":confirm 1");
    await screen.type("!echo one");
    await screen.see(/^Run on 2 hosts\? \[y\/N\]$/m);
    await screen.keys("n", "Enter");
    await screen.see("Nothing was run");
    await screen.type("!echo two");
    await screen.see(/Nothing was run\n[^]*^Run on 2 hosts\? \[y\/N\]$/m);
    await screen.keys("y", "Enter");
    const text = await screen.see(/ok, rc 0\n +two\n/);
    assertEquals(text.match(/ok, rc 0/g)?.length, 1);
  },
);

inTerminal(
  "the last results go through a program of this machine",
  async (account) => {
    await using screen = await open(account);
    await screen.type("!echo hi");
    await screen.see(/ok, rc 0\n +hi\n/);
    await screen.type(":last stdout | tr a-z A-Z");
    await screen.see(/"A1": "HI\\N",\n +"A2": "HI\\N"/);
    await screen.type(":last | exit 3");
    await screen.see("ftl: The command ended with status 3: exit 3");
    await screen.type(":compare");
    await screen.see(/a\[1-2\] \(2\): ok, rc 0 in .*\n +hi\n/);
  },
);

inTerminal("^Z warns of modules that run on gates", async (account) => {
  await using screen = await open(account, ["-M", await makeModules(account)]);
  await screen.type("sleeps");
  await screen.see(/0\/2 {2}\d/);
  await screen.keys("C-z");
  await screen.see(
    /^ftl is stopped: hosts end the running calls in 45 s, unless fg continues it$/m,
  );
  await screen.see(/^\$$/m);
  await screen.type("fg");
  await screen.see(/0\/2 {2}\d/);
  await screen.keys("C-c");
  await screen.see("2 hosts: 2 cancelled");
});

inTerminal(
  "ftl run warns at ^Z, and asks before many hosts",
  async (account) => {
    const { command, env } = mainCommand(account.home);
    await using screen = await Screen.open({
      command: ["sh", "-i"],
      env: { ...env, TERM: "screen" },
    });
    await screen.see(/^[#$]$/m);
    await screen.type("PS1='$ '");
    const ftl = command.join(" ");
    await screen.type("clear");
    const modules = await makeModules(account);
    await screen.type(
      `${ftl} run sleeps -c local -i a1,a2, -M ${modules} --confirm 1`,
    );
    await screen.see(/^Run on 2 hosts\? \[y\/N\]$/m);
    await screen.keys("y", "Enter");
    await screen.see(/0\/2 {2}\d/);
    await screen.keys("C-z");
    await screen.see(/^ftl is stopped: hosts end the running calls in 45 s/m);
    await screen.see(/^\$$/m);
    await screen.type("fg");
    await screen.see(/0\/2 {2}\d/);
    await screen.keys("C-c");
    await screen.see("2 hosts: 2 cancelled");
  },
);

Deno.test({
  name:
    `^C ends a command that prints without end, and the gates stay${tmuxNeed.suffix}${sshdNeed.suffix}`,
  ignore: tmuxNeed.ignore || sshdNeed.ignore,
  fn: async () => {
    const fleet = await startOpensshFleet({ hosts: 12 });
    try {
      await using account = await createAccount();
      const { command, env } = mainCommand(account.home);
      await using screen = await Screen.open({
        command: [...command, "console", ...fleet.flags],
        env: { ...env, TERM: "screen" },
      });
      await screen.see(/^all 12\/12>$/m);
      await screen.type("!yes");
      await screen.see(/0\/12 {2}[3-9] s/);
      const pressed = performance.now();
      await screen.keys("C-c");
      await screen.see(/12 hosts: 12 cancelled[^]*\nall 12\/12>$/);
      const seconds = (performance.now() - pressed) / 1000;
      assert(seconds < 15, `${seconds} s`);
    } finally {
      await fleet.stop();
    }
  },
});

for (const options of [[], ["--plain"]]) {
  inTerminal(
    `a program that reads the last results has the terminal ${options}`,
    async (account) => {
      await using screen = await open(account, options);
      await screen.type("!seq 1 3000");
      await screen.see(/ +3000\n2 hosts: 2 ok/);
      await screen.type(":last | less -X");
      await screen.see(/^:$/m);
      await screen.keys("G");
      await screen.see("(END)");
      await screen.keys("q");
      await screen.see(/all 2\/2>$/);
      // ^C is for the program.
      const read = "trap 'echo trapped' INT; until read x </dev/tty";
      await screen.type(`:last | { ${read}; do :; done; echo got $x; }`);
      await screen.see(/got \$x; }$/m);
      await screen.keys("C-c");
      await screen.see(/trapped$/m);
      await screen.type("hello");
      await screen.see(/^got hello\nall 2\/2>$/m);
    },
  );
}

inTerminal(
  "^C ends a program that reads the last results, and drops what waits",
  async (account) => {
    await using screen = await open(account);
    await screen.type("!echo hi");
    await screen.see(/ok, rc 0\n +hi\n/);
    await screen.paste(":last | { echo started; sleep 100; }\n!echo dropped");
    await screen.keys("Enter");
    await screen.see(/^started$/m);
    await screen.keys("C-c");
    await screen.see("Dropped 1 line that was waiting");
    await screen.type(":last | printf 'no newline'");
    await screen.see(/^no newline\nall 2\/2>$/m);
    const text = await screen.text();
    assert(!/^ +dropped$/m.test(text), text);
  },
);
