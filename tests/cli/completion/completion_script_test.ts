// Compares the scripts with golden files, and runs them in real shells. To update
// the golden files: FTL_UPDATE_GOLDEN=1 deno test -A tests/cli/completion
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { Command, Option } from "commander";
import { scriptFor } from "../../../src/cli/completion/completion_script.ts";
import { mainCommand } from "../../support/ftl.ts";
import { needProgram } from "../../support/need.ts";
import { writeTree } from "../../support/source_tree.ts";
import { Screen, tmuxNeed } from "../../support/tmux.ts";

const FIXTURES = new URL("../../fixtures/cli/", import.meta.url);
const SHELLS = ["bash", "zsh", "fish"] as const;

/** A program with one of each kind of option and operand. */
function smallProgram(): Command {
  const program = new Command("ftl").option(
    "-V, --version",
    "print it's version",
  );
  const run = program.command("run").summary("run a module: once")
    .argument("[module]").argument("[arguments...]")
    .option("-l, --limit <pattern>", "hosts")
    .option("-W, --wheelhouse <dir>", "modules")
    .option("-q, --quiet", "show less");
  run.addOption(
    new Option("--format <name>", "how").choices(["text", "json"]),
  );
  const gate = program.command("gate").summary("gates");
  gate.command("show").summary("show one").argument("<gate>");
  return program;
}

for (const shell of SHELLS) {
  Deno.test(`scriptFor() makes the golden script for ${shell}`, async () => {
    const script = scriptFor(shell, smallProgram());
    const url = new URL(`completion.${shell}`, FIXTURES);
    if (Deno.env.get("FTL_UPDATE_GOLDEN")) {
      await Deno.writeTextFile(url, script);
    }
    assertEquals(script, await Deno.readTextFile(url));
  });
}

/** A line up to the cursor, and the candidates for its last word. */
const LINES: readonly [line: string, words: readonly string[]][] = [
  ["ftl ga", ["gate"]],
  ["ftl gate pr", ["prune"]],
  ["ftl completions z", ["zsh"]],
  ["ftl run --diff-h", ["--diff-hosts"]],
  ["ftl run --format n", ["ndjson"]],
  ["ftl run -i hosts.yml -l web:!d", ["web:!db", "web:!db1"]],
  ["ftl run -i hosts.yml -l @last:fa", ["@last:failed"]],
  ["ftl inventory show -i hosts.yml w", ["web1", "web2"]],
  ["ftl run -M modules un", ["unit"]],
  ["ftl run -M modules unit na", ["name="]],
  ["ftl run -M modules unit name=x st", ["state="]],
  ["ftl run -M modules unit state=st", ["state=started", "state=stopped"]],
  ["ftl run -M modules -m unit e", ["enabled="]],
  ["ftl exec -- ls h", []],
];

const TREE = {
  "hosts.yml": "web: {hosts: {web1: {}, web2: {}}}\ndb: {hosts: {db1: {}}}\n",
  "modules/unit.py": `DOCUMENTATION = """
options:
  name: {}
  state: {choices: [started, stopped]}
  enabled: {type: bool}
"""
# WANT_JSON
`,
};

/** Runs a test with ftl on PATH, in a folder with an inventory and modules. */
async function withFtl(
  test: (place: { folder: string; env: Record<string, string> }) => Promise<
    void
  >,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ftl-completion-" });
  try {
    const { command, env } = mainCommand(folder);
    await writeTree(folder, TREE);
    await Deno.mkdir(join(folder, "bin"));
    await Deno.writeTextFile(
      join(folder, "bin/ftl"),
      `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(" ")} "$@"\n`,
      { mode: 0o755 },
    );
    const path = `${join(folder, "bin")}:${env.PATH}`;
    await test({ folder, env: { ...env, PATH: path, LANG: "C.UTF-8" } });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The candidates for each line, printed by a script in the shell. */
async function ask(shell: string, script: string): Promise<string[][]> {
  let answers: string[][] = [];
  await withFtl(async ({ folder, env }) => {
    const { code, stdout, stderr } = await new Deno.Command(shell, {
      args: ["-c", script],
      cwd: folder,
      clearEnv: true,
      env,
    }).output();
    const text = new TextDecoder();
    assertEquals([code, text.decode(stderr)], [0, ""]);
    answers = text.decode(stdout).trimEnd().split("\n").map((line) =>
      line.split("\t").filter((word) => word !== "")
    );
  });
  return answers;
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
const bash = needProgram("bash");
const fish = needProgram("fish");
const zsh = needProgram("zsh");

Deno.test({
  name: `bash completes commands, options, hosts and modules${bash.suffix}`,
  ignore: bash.ignore,
  fn: async () => {
    const asking = LINES.map(([line]) => `ask ${quote(line)}\n`).join("");
    const answers = await ask(
      bash.path,
      `source <(ftl completions bash)
      ask() {
        COMP_LINE=$1 COMP_POINT=\${#1} COMPREPLY=()
        _ftl
        printf '%s\\t' "\${COMPREPLY[@]}"
        echo .
      }
      ${asking}`,
    );
    // bash keeps the start of a word, up to its last = or :, itself.
    const bare = (word: string) => word.replace(/^.*[:=](?=.)/, "");
    assertEquals(
      answers.map((words) =>
        words.slice(0, -1).map((word) => word.trimEnd()).filter(Boolean)
      ),
      LINES.map(([, words]) => words.map(bare)),
    );
  },
});

Deno.test({
  name: `fish completes commands, options, hosts and modules${fish.suffix}`,
  ignore: fish.ignore,
  fn: async () => {
    const asking = LINES.map(([line]) =>
      `string join \\t -- (complete -C ${
        quote(line)
      } | string replace -r '\\t.*' '') .\n`
    ).join("");
    const answers = await ask(
      fish.path,
      `ftl completions fish | source\n${asking}true\n`,
    );
    assertEquals(
      answers.map((words) => words.slice(0, -1)),
      LINES.map(([, words]) => [...words].sort()),
    );
  },
});

Deno.test({
  name:
    `zsh completes commands, hosts and choices in a terminal${zsh.suffix}${tmuxNeed.suffix}`,
  ignore: zsh.ignore || tmuxNeed.ignore,
  fn: async () => {
    await withFtl(async ({ folder, env }) => {
      await using screen = await Screen.open({
        command: [zsh.path, "-f"],
        env: { ...env, TERM: "screen", PS1: "> " },
        columns: 120,
      });
      await screen.type(
        `cd ${folder}; PS1='> '; autoload -Uz compinit; compinit -u -D; ` +
          "source <(ftl completions zsh); clear; echo ready",
      );
      await screen.see(/^ready\n>/m);
      await screen.keys("ftl ga", "Tab");
      await screen.see(/^> ftl gate$/m);
      await screen.keys("Tab");
      await screen.see(/^prune +-- remove old gates/m);
      await screen.keys("C-u", "ftl run -i hosts.yml -l @last:fa", "Tab");
      await screen.see(/-l @last:failed$/m);
      await screen.keys("C-u", "ftl run -M modules un", "Tab", "sta", "Tab");
      await screen.see(/unit state=$/m);
      await screen.keys("sto", "Tab");
      await screen.see(/unit state=stopped$/m);
    });
  },
});
