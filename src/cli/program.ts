// The tree of commands. Each command is a file that adds itself here; what it
// returns is the exit status.
import { Command, CommanderError } from "commander";
import type { AddCommand, CommandHost } from "./commands/command.ts";
import { escapeText } from "../output/escape.ts";
import type { Context } from "./commands/context.ts";
import { addCompletions } from "./commands/completions/completions_command.ts";
import { addConsole } from "./commands/console/console_command.ts";
import { addDemo } from "./commands/demo/demo_command.ts";
import { addDoctor } from "./commands/doctor/doctor_command.ts";
import { addExec } from "./commands/exec/exec_command.ts";
import { EXIT } from "./process/exit_code.ts";
import { addFetch } from "./commands/fetch/fetch_command.ts";
import { addGate } from "./commands/gate/gate_command.ts";
import { addInventory } from "./commands/inventory/inventory_command.ts";
import { addMan } from "./commands/man/man_command.ts";
import { addModule } from "./commands/module/module_command.ts";
import { addPush } from "./commands/push/push_command.ts";
import { addRun } from "./commands/run/run_command.ts";
import { addRuns } from "./commands/runs/runs_command.ts";

/** By the names that they are called by, in the order of the help. */
const COMMANDS: Readonly<Record<string, AddCommand>> = {
  run: addRun,
  exec: addExec,
  push: addPush,
  fetch: addFetch,
  console: addConsole,
  repl: addConsole,
  gate: addGate,
  inventory: addInventory,
  module: addModule,
  runs: addRuns,
  demo: addDemo,
  doctor: addDoctor,
  completions: addCompletions,
  man: addMan,
};

/** These speak of all the others. */
const ABOUT_ALL: readonly string[] = ["doctor", "completions", "man"];

/** Runs one command line; bad ones are said on stderr, with exit status 2. */
export async function runProgram(
  argv: readonly string[],
  context: Context,
): Promise<number> {
  let status: number = EXIT.ok;
  const words = inFull(argv);
  const program = createProgram({
    context,
    action: (run) => async (...args) => {
      status = await run(...args);
    },
  }, commandsFor(words));
  try {
    await program.parseAsync(words, { from: "user" });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}

/** The one that is called, where that is clear: making all takes its time. */
function commandsFor([name = ""]: readonly string[]): AddCommand[] {
  const isAlone = Object.hasOwn(COMMANDS, name) && !ABOUT_ALL.includes(name);
  return isAlone ? [COMMANDS[name]!] : Object.values(COMMANDS);
}

/** The tree of commands, for running, help and completions. Default: all. */
export function createProgram(
  host: CommandHost,
  commands: readonly AddCommand[] = Object.values(COMMANDS),
): Command {
  const program = new Command("ftl")
    .description(
      "Runs automation modules on many hosts over SSH, through one gate that " +
        "is built once and stays open.",
    )
    .usage("COMMAND [OPTIONS]")
    .option("-V, --version", "print the version")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.context.out(text),
      writeErr: (text) =>
        host.context.err(escapeText(text.replace(/^error: /, "ftl: "))),
    })
    .showHelpAfterError("     For the options: add --help")
    .addHelpText("after", EXAMPLES);
  for (const add of new Set(commands)) add(program, host);
  for (const command of everyCommand(program)) {
    command.copyInheritedSettings(program);
  }
  return program;
}

function everyCommand(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...everyCommand(child)]);
}

/** `ftl -m NAME …`, the spelling of the Python original, is `ftl run -m …`. */
function inFull(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  const named = words.some((word) =>
    /^(-[mf]|--module(=.*)?|--ftl-module(=.*)?)$/.test(word)
  );
  return named && words[0]!.startsWith("-") ? ["run", ...argv] : [...argv];
}

const EXAMPLES = `
Examples:
  ftl run ping -i web1,web2, -M modules     run a module on two hosts
  ftl run service name=nginx state=started -i hosts.yml -l web
  ftl exec -i hosts.yml -- uptime           run a shell command, no Python needed
  ftl console -i hosts.yml                  keep the gates open, call by call
  ftl demo                                  see it at work, with no hosts at all

Exit status: 0 all ok, 1 a module failed, 2 the command line, inventory, module
or gate was wrong (nothing was contacted), 3 a host was unreachable, 4 a call
passed its deadline, 70 a fault of ftl, 130 interrupted.
`;
