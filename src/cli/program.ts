// The tree of commands. Each subcommand adds itself from a file of its own; the
// number that its action returns is the exit status.
import { Command, CommanderError } from "commander";
import type { AddCommand, CommandHost } from "./commands/command.ts";
import { escapeText } from "../output/escape.ts";
import type { Context } from "./commands/context.ts";
import { addClose } from "./commands/close/close_command.ts";
import { addCompletions } from "./commands/completions/completions_command.ts";
import { addConfig } from "./commands/config/config_command.ts";
import { addConsole } from "./commands/console/console_command.ts";
import { addDemo } from "./commands/demo/demo_command.ts";
import { addDoctor } from "./commands/doctor/doctor_command.ts";
import { addExec } from "./commands/exec/exec_command.ts";
import { showPages } from "./terminal/pager.ts";
import { hasTables } from "./options/add_options.ts";
import { EXIT } from "./process/exit_code.ts";
import { inHouseStyle } from "./options/refusal.ts";
import { addFetch } from "./commands/fetch/fetch_command.ts";
import { addGate } from "./commands/gate/gate_command.ts";
import { addInventory } from "./commands/inventory/inventory_command.ts";
import { addJobs } from "./commands/jobs/jobs_command.ts";
import { addLicenses } from "./commands/licenses/licenses_command.ts";
import { addMan } from "./commands/man/man_command.ts";
import { addModule } from "./commands/module/module_command.ts";
import { addOpen } from "./commands/open/open_command.ts";
import { addPush } from "./commands/push/push_command.ts";
import { addRun } from "./commands/run/run_command.ts";
import { addRuns } from "./commands/runs/runs_command.ts";
import { addSessions } from "./commands/sessions/sessions_command.ts";
import { addWorker } from "./commands/worker/worker_command.ts";

/** The subcommands by name and alias, in the order of the help. */
const COMMANDS: Readonly<Record<string, AddCommand>> = {
  run: addRun,
  exec: addExec,
  push: addPush,
  fetch: addFetch,
  console: addConsole,
  repl: addConsole,
  open: addOpen,
  sessions: addSessions,
  close: addClose,
  worker: addWorker,
  gate: addGate,
  inventory: addInventory,
  module: addModule,
  runs: addRuns,
  jobs: addJobs,
  config: addConfig,
  demo: addDemo,
  doctor: addDoctor,
  completions: addCompletions,
  man: addMan,
  licenses: addLicenses,
};

/** What short commands need, loaded while their settings are read. */
const HANDLERS: Readonly<Record<string, () => Promise<unknown>>> = {
  run: () => import("./commands/run/run_handler.ts"),
  exec: () => import("./commands/exec/exec_handler.ts"),
};

/** Commands that describe all the others. */
const DESCRIBE_ALL: readonly string[] = ["doctor", "completions", "man"];

/** Runs one command line. A wrong one is reported on stderr, with status 2. */
export async function runProgram(
  argv: readonly string[],
  context: Context,
): Promise<number> {
  let status: number = EXIT.ok;
  let help = "";
  const words = expandShorthand(argv);
  const program = createProgram({
    context,
    argv: words,
    showHelp: (text) => help += text,
    action: (run) => async (...args) => {
      status = await run(...args);
    },
  }, commandsFor(words));
  try {
    await program.parseAsync(words, { from: "user" });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (help !== "") {
      const isPlain = words.includes("--plain");
      await showPages({ text: help, isPlain }, context);
    }
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}

/** Only the named subcommand when that is enough: adding all takes longer. */
function commandsFor([name = ""]: readonly string[]): AddCommand[] {
  const isAlone = Object.hasOwn(COMMANDS, name) && !DESCRIBE_ALL.includes(name);
  return isAlone ? [COMMANDS[name]!] : Object.values(COMMANDS);
}

/** Makes the tree of commands, for running, help and completions. */
export function createProgram(
  host: CommandHost,
  commands: readonly AddCommand[] = Object.values(COMMANDS),
): Command {
  const program = new Command("ftl")
    .description(
      "Runs automation modules on many hosts over SSH, through a gate on each " +
        "host: an archive that is built once, sent once, and stays open.",
    )
    .usage("COMMAND [OPTIONS]")
    .option(
      "-V, --version",
      "print the version; --version --json also who signs it",
    )
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .exitOverride()
    // The terms of commands leave fewer than the 40 columns that it wraps by default.
    .configureHelp({ minWidthToWrap: 30 })
    .configureOutput({
      writeOut: (text) => (host.showHelp ?? host.context.out)(text),
      writeErr: (text) =>
        host.context.err(escapeText(inHouseStyle(text, host.argv ?? []))),
    })
    .showHelpAfterError("     Add --help to see the options")
    .addHelpText("after", EXAMPLES)
    .hook("preAction", async (_, command) => {
      if (!hasTables(command)) return;
      HANDLERS[command.name()]?.().catch(() => {}); // its action reports it
      const { applySettings } = await import("./settings/apply_settings.ts");
      await applySettings(command, host.context);
    });
  for (const add of new Set(commands)) add(program, host);
  for (const command of everyCommand(program)) {
    command.copyInheritedSettings(program);
  }
  return program;
}

function everyCommand(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...everyCommand(child)]);
}

/** `ftl -m NAME …` is short for `ftl run -m NAME …`. */
function expandShorthand(argv: readonly string[]): string[] {
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
  ftl exec -i hosts.yml -- uptime           run a shell command, without Python
  ftl console -i hosts.yml                  make call after call on open gates
  ftl demo                                  try ftl without any hosts

Exit status: 0 all ok, 1 a module failed, 2 the command line, inventory, module
or gate was wrong (no host was contacted), 3 a host was unreachable, 4 a call
timed out, 70 an internal error, 74 this machine ran out of disk, memory or
files, 130 interrupted.
`;
