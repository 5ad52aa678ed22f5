// Completes names with special characters in real shells at a terminal: the line
// that Tab makes passes that one name to ftl, and runs nothing else.
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { mainCommand } from "../../support/ftl.ts";
import { needProgram } from "../../support/need.ts";
import { writeTree } from "../../support/source_tree.ts";
import { Screen, tmuxNeed } from "../../support/tmux.ts";

/** The typed text, and the name that it completes to. */
const NAMES: readonly [typed: string, name: string][] = [
  ["sa", "sa;touch ran"],
  ["sb", "sb$(touch ran)"],
  ["sc", "sc`touch ran`"],
  ["sd", "sd it's"],
  ["se", 'se"x'],
  ["sf", "sf|touch ran&"],
  ["sg", "sg*?{a,b}"],
  ["sh", "sh\\n"],
  ["slow:se", 'slow:se"x'],
  ["si=", "si=x>ran"],
  [String.raw`sk\;t`, "sk;t$(touch ran)"],
  ["\\~", "~sm"],
];

/** Names that are not offered: options, and control sequences. */
const REFUSED = ["-oProxyCommand=x", "-sx", "sn\nx", "so\x1b]0;x\x07"];

// As groups, whose names can be anything.
const INVENTORY = {
  all: {
    children: Object.fromEntries(
      ["slow", ...NAMES.map(([, name]) => name), ...REFUSED].map((
        name,
      ) => [name, {}]),
    ),
  },
};

interface Shell {
  readonly args: readonly string[];
  readonly prepare: string;
  /** Names that only this shell completes. */
  readonly names?: typeof NAMES;
}

const SHELLS: Record<string, Shell> = {
  bash: {
    names: [["'sl", "slow"], ['"sl', "slow"], ["slow:'slo", "slow:slow"]],
    args: ["--norc", "--noprofile"],
    prepare: "source <(ftl completions bash)",
  },
  zsh: {
    args: ["-f"],
    prepare: "autoload -Uz compinit; compinit -u -D; " +
      "source <(ftl completions zsh)",
  },
  fish: {
    args: ["--no-config"],
    prepare: "function fish_prompt; echo '> '; end; " +
      "ftl completions fish | source",
  },
};

for (const [shell, { args, prepare, names = [] }] of Object.entries(SHELLS)) {
  const { ignore, suffix, path } = needProgram(shell);
  Deno.test({
    name: `${shell} inserts names of hosts quoted${suffix}${tmuxNeed.suffix}`,
    ignore: ignore || tmuxNeed.ignore,
    fn: async () => {
      const folder = await Deno.makeTempDir({ prefix: "ftl-quoting-" });
      try {
        const { command, env } = mainCommand(folder);
        await writeTree(folder, {
          "hosts.yml": JSON.stringify(INVENTORY),
        });
        await Deno.mkdir(join(folder, "bin"));
        const words = command.map((word) => `'${word}'`).join(" ");
        await Deno.writeTextFile(
          join(folder, "bin/ftl"),
          `#!/bin/sh
case $1 in
  doctor) shift 3; printf '%s\\0' "$@" >>got; printf 'done %s\\n' "$#" ;;
  *) exec ${words} "$@" ;;
esac
`,
          { mode: 0o755 },
        );
        {
          await using screen = await Screen.open({
            command: [path, ...args],
            env: {
              ...env,
              PATH: `${join(folder, "bin")}:${env.PATH}`,
              TERM: "screen",
              LANG: "C.UTF-8",
              PS1: "> ",
            },
            columns: 120,
          });
          await screen.type(`cd ${folder}; ${prepare}; clear; echo ready`);
          await screen.see(/^ready\n/m);
          for (const [typed] of [...NAMES, ...names]) {
            await screen.keys("C-l", `ftl doctor -i hosts.yml ${typed}`, "Tab");
            await screen.keys(" ", "BSpace", "Enter");
            await screen.see(/^done \d/m);
            await screen.type("clear; echo ready");
            await screen.see(/^ready\n/m);
          }
        }
        const text = await Deno.readTextFile(join(folder, "got"));
        assertEquals(
          text.split("\0").slice(0, -1),
          [...NAMES, ...names].map(([, name]) => name),
        );
        const left = (await Array.fromAsync(Deno.readDir(folder)))
          .map(({ name }) => name);
        assertEquals(left.includes("ran"), false);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

Deno.test("complete offers no name that is an option or holds a control sequence", async () => {
  const folder = await Deno.makeTempDir({ prefix: "ftl-quoting-" });
  try {
    const { command, env } = mainCommand(folder);
    const inventory = join(folder, "hosts.yml");
    await Deno.writeTextFile(inventory, JSON.stringify(INVENTORY));
    const { stdout } = await new Deno.Command(command[0]!, {
      args: [
        ...command.slice(1),
        ...["complete", "patterns", "", "doctor", "-i", inventory, "", "--"],
      ],
      env,
      clearEnv: true,
    }).output();
    const lines = new TextDecoder().decode(stdout).split("\n");
    assertEquals(
      lines.slice(0, -1).toSorted(),
      Object.keys(INVENTORY.all.children)
        .filter((name) => !REFUSED.includes(name))
        .concat("all", "ungrouped").toSorted(),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
