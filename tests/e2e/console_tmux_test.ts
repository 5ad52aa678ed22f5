// What a user sees in a console session, in a real terminal, on thirty hosts of a
// real OpenSSH server.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { createAccount, eventually, mainCommand } from "../support/ftl.ts";
import {
  type OpensshFleet,
  sshdNeed,
  startOpensshFleet,
} from "../support/openssh_fleet.ts";
import { Screen, tmuxNeed } from "../support/tmux.ts";

const MODULES = {
  "hello.py": "import os\n\n\ndef main(name='world'):\n" +
    "    return {'hello': name}\n",
  "unit.py": `#!/usr/bin/python3
DOCUMENTATION = """
short_description: Set the state of a unit
options:
  name: {required: true, type: str}
  state: {choices: [restarted, started, stopped]}
  enabled: {type: bool}
"""
# WANT_JSON
import json, sys
args = json.load(open(sys.argv[1]))
print(json.dumps({"changed": True, "unit": args["name"], "state": args["state"]}))
`,
  "odd.sh": `#!/bin/sh
case $HOME in
*/h7) echo '{"failed": true, "msg": "The disk is full"}' ;;
*) echo '{"size": 12}' ;;
esac
`,
};

/** Finds processes by their HOME and their arguments. */
async function findProcesses(home: string, words: RegExp): Promise<number[]> {
  const found: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const env = await Deno.readTextFile(`/proc/${name}/environ`);
      const command = await Deno.readTextFile(`/proc/${name}/cmdline`);
      if (!env.split("\0").includes(`HOME=${home}`)) continue;
      const line = command.replaceAll("\0", " ").trim();
      if (words.test(line)) found.push(Number(name));
    } catch {
      // It has ended, or belongs to another user.
    }
  }
  return found.sort((a, b) => a - b);
}

async function openConsole(
  fleet: OpensshFleet,
  home: string,
): Promise<Screen> {
  const modules = join(home, "modules");
  await Deno.mkdir(modules, { recursive: true });
  for (const [name, text] of Object.entries(MODULES)) {
    await Deno.writeTextFile(join(modules, name), text);
  }
  const { command, env } = mainCommand(home);
  return await Screen.open({
    command: [...command, "console", ...fleet.flags, "-M", modules],
    env: { ...env, TERM: "screen-256color", LANG: "C.UTF-8" },
  });
}

Deno.test({
  name:
    `a console session in a terminal on 30 hosts${tmuxNeed.suffix}${sshdNeed.suffix}`,
  ignore: tmuxNeed.ignore || sshdNeed.ignore,
  fn: async (t) => {
    const fleet = await startOpensshFleet({ hosts: 30 });
    try {
      await using account = await createAccount();
      // Each step continues the session of the previous one.
      const step = async (name: string, act: () => Promise<void>) => {
        if (!await t.step(name, act)) {
          throw new Error(`The session stopped at: ${name}`);
        }
      };
      await using screen = await openConsole(fleet, account.home);

      await step("the gates open in the background", async () => {
        await screen.see(/^all 30\/30>$/m);
      });

      await step("three calls of different modules", async () => {
        await screen.type("hello name=you");
        await screen.see("h[01-30] (30): ok\n  hello: you\n30 hosts: 30 ok");
        await screen.type("!echo $((6 * 7))");
        await screen.see("h[01-30] (30): ok, rc 0\n  42\n");
        await screen.type("odd.sh");
        await screen.see(
          "h[01-06,08-30] (29): ok\n  size: 12\n" +
            "h07: failed\n  msg: The disk is full\n30 hosts: 29 ok, 1 failed in",
        );
      });

      await step(
        ":failed shows the failure again, and its hosts can be chosen",
        async () => {
          await screen.clear();
          await screen.type(":failed");
          await screen.see(/full\n1 host: 1 failed in .*\nall 30\/30>$/m);
          await screen.type(":use @last:failed");
          await screen.see(/@last:failed 1\/1>$/m);
          await screen.type(":use");
          await screen.see(/all 30\/30>$/m);
        },
      );

      await step(
        "Tab completes a module, its argument and its choice",
        async () => {
          await screen.clear();
          await screen.keys("un", "Tab", "na", "Tab", "x", "Space");
          await screen.keys("st", "Tab", "res", "Tab");
          await screen.see(/> unit name=x state=restarted$/m);
          await screen.keys("Enter");
          await screen.see("(30): changed\n  unit: x\n  state: restarted\n");
        },
      );

      await step("a second Tab lists the candidates", async () => {
        await screen.clear();
        await screen.keys("unit state=", "Tab", "Tab");
        await screen.see(/restarted +started +stopped/);
        await screen.keys("C-c");
      });

      await step(
        "^C ends a call on the hosts, but not the session or the gates",
        async () => {
          await screen.clear();
          const home = fleet.hosts[0]!.home;
          await screen.type("!sleep 1000");
          await eventually(
            "the command runs",
            async () => (await findProcesses(home, /^sleep 1000$/)).length > 0,
          );
          await screen.keys("Enter");
          await screen.see(/30 of 30 hosts pending after/);
          await screen.keys("C-c");
          await screen.see(/30 hosts: 30 cancelled in .*\nall 30\/30>$/m);
          assertEquals(await findProcesses(home, /^sleep 1000$/), []);
          await screen.type("hello name=on");
          await screen.see("hello: on\n30 hosts: 30 ok");
        },
      );

      await step(
        "a killed gate is reported, and opens again at its next use",
        async () => {
          await screen.clear();
          const gates = await findProcesses(fleet.hosts[4]!.home, /python/);
          assert(gates.length > 0, "the gate of h05 was not found");
          await screen.keys("hel");
          Deno.kill(gates[0]!, "SIGKILL");
          await screen.see(/h05: Lost the gate: .*\nall 29\/30> hel$/m);
          await screen.type("lo name=all");
          await screen.see("(30): ok\n  hello: all\n30 hosts: 30 ok");
          await screen.see(/all 30\/30>$/m);
        },
      );

      await step("^R finds a line in the history", async () => {
        await screen.clear();
        await screen.keys("C-r", "odd");
        await screen.see(/history "odd": odd.sh$/m);
        await screen.keys("C-g");
        await screen.see(/all 30\/30>$/m);
      });

      await step(
        "pasted lines run one by one after Enter",
        async () => {
          await screen.clear();
          await screen.paste("!echo one\n!echo two\n");
          await screen.see(/!echo two$/m);
          assert(!/ok, rc 0/.test(await screen.text()), "it ran by itself");
          await screen.keys("Enter");
          await screen.see(/ok, rc 0\n +one\n[^]*ok, rc 0\n +two\n/);
        },
      );

      await step("a value continues over several lines", async () => {
        await screen.clear();
        await screen.type("hello name='a");
        await screen.type("b'");
        await screen.see("hello: |\n    a\n    b\n");
      });

      await step("^D exits", async () => {
        await screen.keys("C-d");
        await screen.see(/\[ended 0\]/);
      });

      await step(
        "the history is kept, without lines that have a secret or start with a blank",
        async () => {
          await using again = await openConsole(fleet, account.home);
          await again.see(/^all 30\/30>$/m);
          await again.type("hello name=x password=hunter22");
          await again.see("30 hosts: 30 failed");
          await again.keys("Up");
          await again.see(/> hello name=x password=hunter22$/m);
          await again.keys("C-c", "C-d");
          await again.see(/\[ended 0\]/);
          const history = await Deno.readTextFile(
            join(account.home, ".ftl/history"),
          );
          assertMatch(history, /"hello name='a\\nb'"/);
          assert(!history.includes("hunter22"));
        },
      );
    } finally {
      await fleet.stop();
    }
  },
});
